// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "lpcoll/trace/trace.hpp"
#include "lpcoll/transport/shm/chunks.hpp"
#include "lpcoll/transport/shm/copy.hpp"
#include "lpcoll/transport/shm/kinds.hpp"

namespace lpcoll::shm {
namespace {

// The root copies chunk after chunk into its ring, all others copy them out.
class Broadcast final : public Operation {
 public:
  Broadcast(Node& node, const Call& call, Destination destination)
      : node_(node),
        call_(call),
        chunks_(node, call.count, call.extent),
        first_(node.reserve(chunks_.number())),
        destination_(destination) {}

  Result<Advance> advance() override {
    if (!node_.has_turn(first_)) {
      return Advance::Waiting;
    }
    const bool is_root = node_.rank() == call_.root;
    const uint64_t before = done_;
    while (done_ < chunks_.number() && (is_root ? fill() : drain())) {
      ++done_;
    }
    if (done_ < chunks_.number()) {
      return done_ > before ? Advance::Moved : Advance::Waiting;
    }
    node_.finish(first_ + done_);
    return Advance::Complete;
  }
  bool calls_mpi() const override { return false; }

 private:
  bool fill() {
    const uint64_t chunk = first_ + done_;
    if (!node_.slot_is_free(chunk)) {
      return false;
    }
    const Chunks::Piece piece = chunks_.chunk(done_);
    const trace::Span span("copy in", piece.count * call_.extent);
    std::memcpy(node_.slot(node_.rank(), chunk), call_.send + piece.first * call_.extent,
                static_cast<size_t>(piece.count * call_.extent));
    Counters& mine = node_.mine();
    mine.filled.chunks.store(chunk + 1, std::memory_order_release);
    mine.drained.chunks.store(chunk + 1, std::memory_order_release);
    return true;
  }

  bool drain() {
    const uint64_t chunk = first_ + done_;
    if (!node_.filled(call_.root, chunk)) {
      return false;
    }
    const Chunks::Piece piece = chunks_.chunk(done_);
    const trace::Span span("copy out", piece.count * call_.extent);
    copy_out(call_.recv + piece.first * call_.extent, node_.slot(call_.root, chunk),
             piece.count * call_.extent, destination_);
    node_.mine().drained.chunks.store(chunk + 1, std::memory_order_release);
    return true;
  }

  Node& node_;
  const Call call_;
  const Chunks chunks_;
  const uint64_t first_;
  const Destination destination_;
  uint64_t done_ = 0;
};

}  // namespace

std::unique_ptr<Operation> make_broadcast(Node& node, const Call& call, Destination destination) {
  return std::make_unique<Broadcast>(node, call, destination);
}

}  // namespace lpcoll::shm
