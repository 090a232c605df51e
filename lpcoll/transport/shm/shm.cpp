// SPDX-License-Identifier: Apache-2.0
#include "lpcoll/transport/shm/shm.hpp"

#include <cstring>

#include "lpcoll/transport/shm/kinds.hpp"

namespace lpcoll::shm {
namespace {

// Below, the MPI underneath has less to do before the first byte moves. A broadcast to one rank, which it copies only once, breaks
// even at about 1 MiB; everything else is faster here from 64 KiB.
constexpr int64_t kLeastBytes = int64_t{64} << 10;

// A rank alone is its own result.
class Alone final : public Operation {
 public:
  explicit Alone(const Call& call) : call_(call) {}

  Result<bool> advance() override {
    if (call_.count > 0 && call_.recv != nullptr && call_.send != nullptr &&
        call_.recv != call_.send) {
      std::memcpy(call_.recv, call_.send, static_cast<size_t>(call_.count * call_.extent));
    }
    return true;
  }

 private:
  const Call call_;
};

}  // namespace

bool node_takes(const Call& call, int64_t bytes) {
  // An element larger than a slot is none of MPI's predefined ones.
  constexpr int64_t kMostExtent = 64;
  return bytes >= kLeastBytes && call.extent >= 1 && call.extent <= kMostExtent;
}

std::unique_ptr<Operation> start_on_node(Node& node, const Call& call) {
  if (node.size() == 1) {
    return std::make_unique<Alone>(call);
  }
  return call.kind == Kind::Bcast ? make_broadcast(node, call) : make_reduction(node, call);
}

}  // namespace lpcoll::shm
