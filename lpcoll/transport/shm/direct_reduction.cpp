// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "lpcoll/trace/trace.hpp"
#include "lpcoll/transport/shm/direct.hpp"
#include "lpcoll/transport/shm/fold.hpp"
#include "lpcoll/transport/shm/kinds.hpp"
#include "lpcoll/transport/shm/reach.hpp"

namespace lpcoll::shm {
namespace {

// Whoever takes a piece reads it from all, sums it in the order of the ranks, and writes the sum to all who want it. Nobody else
// touches the piece in anybody's buffers, so that these may be one and the same.
class DirectReduction final : public Direct {
 public:
  DirectReduction(Node& node, const Call& call)
      : Direct(node, call),
        fold_{call.type, call.op, call.extent, one_pass_for(call.type, call.op)} {}
  bool calls_mpi() const override { return fold_.one_pass == nullptr; }

 private:
  Work work() override {
    if (!all_have_come()) {
      return Work::Wait;
    }
    std::atomic<int64_t>& taken = told(0).taken;
    if (taken.load(std::memory_order_relaxed) >= pieces()) {
      return Work::NoneLeft;
    }
    const int64_t next = taken.fetch_add(1, std::memory_order_relaxed);
    if (next >= pieces()) {
      return Work::NoneLeft;
    }
    const Piece part = piece(next);
    sum(part);
    if (is_good()) {
      spread(part);
    }
    return Work::Moved;
  }

  bool wants(int rank) const { return call_.kind == Kind::Allreduce || rank == call_.root; }
  int64_t bytes_of(const Piece& part) const { return part.count * call_.extent; }

  void sum(const Piece& part) {
    const int64_t at = part.first * call_.extent, bytes = bytes_of(part);
    std::byte* const scratch = node_.scratch(2 * most_bytes());
    std::byte* const term = scratch + most_bytes();
    sum_ = call_.recv != nullptr && call_.recv != call_.send ? call_.recv + at : scratch;
    for (int rank = node_.size() - 1; rank >= 0 && is_good(); --rank) {
      const bool is_last = rank == node_.size() - 1;
      const std::byte* its = call_.send + at;
      if (rank != node_.rank()) {
        its = is_last ? sum_ : term;
        const trace::Span span("read", bytes);
        note(read_from(node_.process(rank), is_last ? sum_ : term, told(rank).send + at, bytes));
      }
      if (is_last) {
        so_far_ = its;
      } else if (is_good()) {
        const trace::Span span("sum", bytes);
        const std::byte* const terms[] = {its, so_far_};
        note(fold(fold_, terms, {&sum_, 1}, part.count));
        so_far_ = sum_;
      }
    }
  }

  void spread(const Piece& part) {
    const int64_t at = part.first * call_.extent, bytes = bytes_of(part);
    const trace::Span span("write", bytes);
    for (int rank = 0; rank < node_.size(); ++rank) {
      if (!wants(rank)) {
        continue;
      }
      if (rank != node_.rank()) {
        note(write_to(node_.process(rank), told(rank).recv + at, sum_, bytes));
      } else if (sum_ != call_.recv + at) {
        std::memcpy(call_.recv + at, sum_, static_cast<size_t>(bytes));
      }
    }
  }

  const Fold fold_;
  // Of the piece at hand: where its sum is made, and where what there is of it lies.
  std::byte* sum_ = nullptr;
  const std::byte* so_far_ = nullptr;
};

}  // namespace

std::unique_ptr<Operation> make_direct_reduction(Node& node, const Call& call) {
  return std::make_unique<DirectReduction>(node, call);
}

}  // namespace lpcoll::shm
