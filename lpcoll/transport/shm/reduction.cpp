// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <vector>

#include "lpcoll/trace/trace.hpp"
#include "lpcoll/transport/shm/chunks.hpp"
#include "lpcoll/transport/shm/copy.hpp"
#include "lpcoll/transport/shm/fold.hpp"
#include "lpcoll/transport/shm/kinds.hpp"

namespace lpcoll::shm {
namespace {

// Of messages from here on a core's caches hold neither what is sent nor what is received. Two ranks' allreduce of 4 MiB, all copies and
// sums, took a tenth less with reading ahead; one of 1 MiB took a fifth more.
constexpr int64_t kLeastAhead = int64_t{2} << 20;

// A cache that holds a good part of what is sent holds the less of it the more slots are in use: with two of four an allreduce of 4 MiB
// over two ranks took 5 per cent less. Smaller messages have no more chunks than slots; of larger ones nothing stays in caches, and
// it is worth more that a rank can run ahead.
int64_t slots_in_use(const Node& node, const Call& call) {
  constexpr int64_t kLeastKept = int64_t{1} << 20, kMostKept = int64_t{4} << 20;
  constexpr int64_t kSlotsOfKept = 2;
  const int64_t bytes = call.count * call.extent, slots = node.layout().slots;
  const bool is_kept = call.kind == Kind::Allreduce && kLeastKept <= bytes && bytes <= kMostKept;
  return is_kept ? std::min(slots, kSlotsOfKept) : slots;
}

// Each chunk passes three stages on each rank, and different chunks are in different stages. Fill: the parts that others reduce
// go into the own slot. Reduce: the own part of all ranks' chunk is reduced, and the sum goes to where the part was, into the slots of all
// who want it. Drain: the others' sums come out of the own slot. So a line of a slot passes between two cores twice, and not four times as
// with sums in slots of their own: on two cores with 2 MiB of cache each an allreduce of 4 MiB took a fifth less. Where the next chunk goes
// into the slot that is drained, one pass does both: a tenth less at 16 MiB, over two ranks and over four.
class Reduction final : public Operation {
 public:
  Reduction(Node& node, const Call& call, Destination destination)
      : node_(node),
        call_(call),
        chunks_(node, call.count, call.extent),
        slots_in_use_(static_cast<uint64_t>(slots_in_use(node, call))),
        first_(node.reserve(passed(chunks_.number()))),
        destination_(destination),
        reading_(call.count * call.extent >= kLeastAhead ? Reading::Ahead : Reading::Plain),
        fold_{call.type, call.op, call.extent, one_pass_for(call.type, call.op, reading_)},
        parts_(static_cast<size_t>(node.size())) {}

  Result<Advance> advance() override {
    if (!node_.has_turn(first_)) {
      return Advance::Waiting;
    }
    // The last stage first: it frees slots.
    Advance advanced = Advance::Waiting;
    for (bool moved = true; moved;) {
      moved = drain();
      Result<bool> reduced = reduce();
      if (!reduced) {
        return failure(std::move(reduced).error());
      }
      moved = *reduced || moved;
      moved = fill() || moved;
      if (moved) {
        advanced = Advance::Moved;
      }
    }
    if (drained_ < chunks_.number()) {
      return advanced;
    }
    node_.finish(number(drained_));
    return Advance::Complete;
  }
  bool calls_mpi() const override { return fold_.one_pass == nullptr; }

 private:
  bool fill() {
    if (filled_ == chunks_.number() || !node_.slot_is_free(number(filled_))) {
      return false;
    }
    const Chunks::Piece chunk = chunks_.chunk(filled_);
    const trace::Span span("copy in", others_bytes(chunk));
    std::byte* const slot = node_.slot(node_.rank(), number(filled_));
    const std::byte* const from = call_.send + chunk.first * call_.extent;
    others_parts(chunk,
                 [&](int64_t at, int64_t bytes) { copy(slot + at, from + at, bytes, reading_); });
    ++filled_;
    node_.mine().filled.chunks.store(number(filled_), std::memory_order_release);
    return true;
  }

  Result<bool> reduce() {
    if (reduced_ == filled_ || !node_.all_filled(number(reduced_))) {
      return false;
    }
    const Chunks::Piece chunk = chunks_.chunk(reduced_);
    const Chunks::Piece own = chunks_.part(chunk, node_.rank());
    const trace::Span span("sum", own.count * call_.extent);
    const int64_t offset = own.first * call_.extent;
    for (int rank = 0; rank < node_.size(); ++rank) {
      parts_[static_cast<size_t>(rank)] = node_.slot(rank, number(reduced_)) + offset;
    }
    parts_[static_cast<size_t>(node_.rank())] = call_.send + chunk.first * call_.extent + offset;
    if (own.count > 0) {
      if (Status status = reduce_own(chunk.first * call_.extent + offset, offset, own.count);
          !status) {
        return failure(std::move(status));
      }
    }
    ++reduced_;
    node_.mine().reduced.chunks.store(number(reduced_), std::memory_order_release);
    return true;
  }

  // Of parts_, to `at` in this rank's result and `offset` in the others' slots.
  Status reduce_own(int64_t at, int64_t offset, int64_t count) {
    const int64_t bytes = count * call_.extent;
    std::byte* const result = wants(node_.rank()) ? call_.recv + at : nullptr;
    // In more passes than one a sum must not overwrite what is yet to be read.
    const bool many_passes = fold_.one_pass == nullptr;
    const bool apart = result == nullptr ? many_passes
                                         : destination_ == Destination::Streamed ||
                                               (many_passes && call_.recv == call_.send);
    places_.clear();
    if (apart) {
      places_.push_back(node_.scratch(bytes));
    } else if (result != nullptr) {
      places_.push_back(result);
    }
    for (int rank = 0; rank < node_.size(); ++rank) {
      if (rank != node_.rank() && wants(rank)) {
        places_.push_back(node_.slot(rank, number(reduced_)) + offset);
      }
    }
    if (Status status = fold(fold_, parts_, places_, count); !status) {
      return status;
    }
    if (result != nullptr && apart) {
      copy_out(result, places_.front(), bytes, destination_, reading_);
    }
    return {};
  }

  bool drain() {
    // Others write into this rank's slot until they have reduced their parts.
    if (drained_ == reduced_ || !node_.all_reduced(number(drained_))) {
      return false;
    }
    if (wants(node_.rank()) && is_refilled_at_once()) {
      take_out_and_fill();
    } else if (wants(node_.rank())) {
      take_out();
    }
    ++drained_;
    node_.mine().drained.chunks.store(number(drained_), std::memory_order_release);
    return true;
  }

  void take_out() {
    const Chunks::Piece chunk = chunks_.chunk(drained_);
    const trace::Span span("copy out", others_bytes(chunk));
    std::byte* const to = call_.recv + chunk.first * call_.extent;
    const std::byte* const slot = node_.slot(node_.rank(), number(drained_));
    others_parts(chunk, [&](int64_t at, int64_t bytes) {
      copy_out(to + at, slot + at, bytes, destination_, reading_);
    });
  }

  // Nobody else has to have drained the chunk: of this rank's slot others want nothing once all have reduced.
  bool is_refilled_at_once() const {
    return destination_ == Destination::Cached && filled_ < chunks_.number() &&
           filled_ == drained_ + slots_in_use_ &&
           chunks_.chunk(filled_).count == chunks_.chunk(drained_).count;
  }

  void take_out_and_fill() {
    const Chunks::Piece chunk = chunks_.chunk(drained_), next = chunks_.chunk(filled_);
    const trace::Span span("copy out and in", others_bytes(chunk));
    std::byte* const to = call_.recv + chunk.first * call_.extent;
    const std::byte* const from = call_.send + next.first * call_.extent;
    std::byte* const slot = node_.slot(node_.rank(), number(drained_));
    others_parts(
        chunk, [&](int64_t at, int64_t bytes) { exchange(to + at, slot + at, from + at, bytes); });
    ++filled_;
    node_.mine().filled.chunks.store(number(filled_), std::memory_order_release);
  }

  // Where in a chunk what others reduce of it lies, and its bytes: before the own part and behind it.
  template <typename Visit>
  void others_parts(const Chunks::Piece& chunk, Visit&& visit) const {
    const Chunks::Piece own = chunks_.part(chunk, node_.rank());
    const int64_t behind = own.first + own.count;
    visit(0, own.first * call_.extent);
    visit(behind * call_.extent, (chunk.count - behind) * call_.extent);
  }

  int64_t others_bytes(const Chunks::Piece& chunk) const {
    return (chunk.count - chunks_.part(chunk, node_.rank()).count) * call_.extent;
  }

  // Numbers until that of a chunk: those whose slots are not in use are left out.
  uint64_t passed(uint64_t chunks) const {
    return chunks / slots_in_use_ * static_cast<uint64_t>(node_.layout().slots) +
           chunks % slots_in_use_;
  }
  uint64_t number(uint64_t chunk) const { return first_ + passed(chunk); }

  bool wants(int rank) const { return call_.kind == Kind::Allreduce || rank == call_.root; }

  Node& node_;
  const Call call_;
  const Chunks chunks_;
  const uint64_t slots_in_use_;
  const uint64_t first_;
  const Destination destination_;
  const Reading reading_;
  const Fold fold_;
  std::vector<const std::byte*> parts_;
  std::vector<std::byte*> places_;
  uint64_t filled_ = 0;  // chunks, counted from this operation's first
  uint64_t reduced_ = 0;
  uint64_t drained_ = 0;
};

}  // namespace

std::unique_ptr<Operation> make_reduction(Node& node, const Call& call, Destination destination) {
  return std::make_unique<Reduction>(node, call, destination);
}

}  // namespace lpcoll::shm
