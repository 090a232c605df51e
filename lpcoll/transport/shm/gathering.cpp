// SPDX-License-Identifier: Apache-2.0
#include <cstring>
#include <vector>

#include "lpcoll/trace/trace.hpp"
#include "lpcoll/transport/shm/chunks.hpp"
#include "lpcoll/transport/shm/copy.hpp"
#include "lpcoll/transport/shm/fold.hpp"
#include "lpcoll/transport/shm/kinds.hpp"

namespace lpcoll::shm {
namespace {

// A reduce to one rank: all others copy chunk after chunk into their rings, the root folds them with its own straight to where
// the result is wanted. With few ranks that moves fewer bytes than dividing the sums among all and collecting them.
class Gathering final : public Operation {
 public:
  Gathering(Node& node, const Call& call)
      : node_(node),
        call_(call),
        chunks_(node, call.count, call.extent),
        first_(node.reserve(chunks_.number())),
        fold_{call.type, call.op, call.extent, one_pass_for(call.type, call.op)},
        parts_(static_cast<size_t>(node.size())) {}

  Result<Advance> advance() override {
    if (!node_.has_turn(first_)) {
      return Advance::Waiting;
    }
    const bool is_root = node_.rank() == call_.root;
    const uint64_t before = done_;
    while (done_ < chunks_.number()) {
      const Result<bool> moved = is_root ? fold_chunk() : fill();
      if (!moved) {
        return failure(moved.error());
      }
      if (!*moved) {
        return done_ > before ? Advance::Moved : Advance::Waiting;
      }
      ++done_;
    }
    node_.finish(first_ + done_);
    return Advance::Complete;
  }
  bool calls_mpi() const override { return fold_.one_pass == nullptr; }

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

  Result<bool> fold_chunk() {
    const uint64_t chunk = first_ + done_;
    for (int rank = 0; rank < node_.size(); ++rank) {
      if (rank != node_.rank() && !node_.filled(rank, chunk)) {
        return false;
      }
    }
    // In more passes than one the result must not overwrite what is yet to be read: it goes through the own slot.
    const bool apart = fold_.one_pass == nullptr && call_.send == call_.recv;
    if (apart && !node_.slot_is_free(chunk)) {
      return false;
    }
    const Chunks::Piece piece = chunks_.chunk(done_);
    const int64_t offset = piece.first * call_.extent;
    const trace::Span span("sum", piece.count * call_.extent);
    for (int rank = 0; rank < node_.size(); ++rank) {
      parts_[static_cast<size_t>(rank)] = node_.slot(rank, chunk);
    }
    parts_[static_cast<size_t>(node_.rank())] = call_.send + offset;
    std::byte* out = apart ? node_.slot(node_.rank(), chunk) : call_.recv + offset;
    if (Status status = fold(fold_, parts_, {&out, 1}, piece.count); !status) {
      return failure(std::move(status));
    }
    if (apart) {
      std::memcpy(call_.recv + offset, out, static_cast<size_t>(piece.count * call_.extent));
    }
    Counters& mine = node_.mine();
    mine.filled.chunks.store(chunk + 1, std::memory_order_release);
    mine.drained.chunks.store(chunk + 1, std::memory_order_release);
    return true;
  }

  Node& node_;
  const Call call_;
  const Chunks chunks_;
  const uint64_t first_;
  const Fold fold_;
  std::vector<const std::byte*> parts_;
  uint64_t done_ = 0;
};

}  // namespace

std::unique_ptr<Operation> make_gathering(Node& node, const Call& call) {
  return std::make_unique<Gathering>(node, call);
}

}  // namespace lpcoll::shm
