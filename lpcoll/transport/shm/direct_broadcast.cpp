// SPDX-License-Identifier: Apache-2.0
#include "lpcoll/trace/trace.hpp"
#include "lpcoll/transport/shm/direct.hpp"
#include "lpcoll/transport/shm/kinds.hpp"
#include "lpcoll/transport/shm/reach.hpp"

namespace lpcoll::shm {
namespace {

// Every rank reads from the root's buffer, and the root, which has nothing else to do, writes pieces into theirs.
class DirectBroadcast final : public Direct {
 public:
  using Direct::Direct;
  bool calls_mpi() const override { return false; }

 private:
  Work work() override { return node_.rank() == call_.root ? give() : take(); }

  Work take() {
    if (!has_come(call_.root)) {
      return Work::Wait;
    }
    Told& own = told(node_.rank());
    if (const int64_t next = next_of(own, node_.rank()); next >= 0) {
      const Piece part = piece(next);
      const trace::Span span("read", part.count);
      note(read_from(node_.process(call_.root), call_.recv + part.first,
                     told(call_.root).send + part.first, part.count));
      own.done.fetch_add(1, std::memory_order_release);
      return Work::Moved;
    }
    return own.done.load(std::memory_order_acquire) < pieces() ? Work::Wait : Work::NoneLeft;
  }

  // Of the ranks that have come, the next in turn that still lacks something.
  Work give() {
    bool all_have_it = true;
    for (int looked = 0; looked < node_.size(); ++looked) {
      turn_ = (turn_ + 1) % node_.size();
      if (turn_ == call_.root) {
        continue;
      }
      if (!has_come(turn_)) {
        all_have_it = false;
        continue;
      }
      Told& its = told(turn_);
      if (const int64_t next = next_of(its, turn_); next >= 0) {
        const Piece part = piece(next);
        const trace::Span span("write", part.count);
        note(write_to(node_.process(turn_), its.recv + part.first, call_.send + part.first,
                      part.count));
        its.done.fetch_add(1, std::memory_order_release);
        return Work::Moved;
      }
    }
    return all_have_it ? Work::NoneLeft : Work::Wait;
  }

  // Ranks begin at different places: readers of one page get in each other's way. -1: all are begun.
  int64_t next_of(Told& its, int rank) const {
    if (its.taken.load(std::memory_order_relaxed) >= pieces()) {
      return -1;
    }
    const int64_t next = its.taken.fetch_add(1, std::memory_order_relaxed);
    return next < pieces() ? (next + rank * pieces() / node_.size()) % pieces() : -1;
  }

  int turn_ = 0;
};

}  // namespace

std::unique_ptr<Operation> make_direct_broadcast(Node& node, const Call& call) {
  return std::make_unique<DirectBroadcast>(node, call);
}

}  // namespace lpcoll::shm
