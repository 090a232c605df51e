// SPDX-License-Identifier: Apache-2.0
#include "lpcoll/transport/shm/shm.hpp"

#include <cstring>

#include "lpcoll/transport/shm/kinds.hpp"

namespace lpcoll::shm {
namespace {

// A rank alone is its own result.
class Alone final : public Operation {
 public:
  explicit Alone(const Call& call) : call_(call) {}

  Result<Advance> advance() override {
    if (call_.count > 0 && call_.recv != nullptr && call_.send != nullptr &&
        call_.recv != call_.send) {
      std::memcpy(call_.recv, call_.send, static_cast<size_t>(call_.count * call_.extent));
    }
    return Advance::Complete;
  }

  bool calls_mpi() const override { return false; }

 private:
  const Call call_;
};

}  // namespace

std::unique_ptr<Operation> start_on_node(Node& node, const Call& call, Copies copies) {
  if (node.size() == 1) {
    return std::make_unique<Alone>(call);
  }
  if (copies == Copies::One) {
    return call.kind == Kind::Bcast ? make_direct_broadcast(node, call)
                                    : make_direct_reduction(node, call);
  }
  const Destination destination =
      copies == Copies::TwoStreamed ? Destination::Streamed : Destination::Cached;
  if (call.kind == Kind::Bcast) {
    return make_broadcast(node, call, destination);
  }
  // With more ranks the root alone would be in the way of all.
  constexpr int kFew = 3;
  if (call.kind == Kind::Reduce && node.size() <= kFew) {
    return make_gathering(node, call);
  }
  return make_reduction(node, call, destination);
}

}  // namespace lpcoll::shm
