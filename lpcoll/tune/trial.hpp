// SPDX-License-Identifier: Apache-2.0
// Which way on a host is fastest, found out on the program's own calls of one collective and about one size: on its buffers, in the
// state in which it leaves the caches, and again from time to time, because what a few calls have told may be a spell of a busy
// machine. Pure, and the same on all ranks, for they count the same calls. One thread at a time.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "lpcoll/tune/choose.hpp"

namespace lpcoll::tune {

class Trial {
 public:
  // `first` is one of `ways`, and taken by those who do not ask next().
  Trial(const std::vector<NodeWay>& ways, NodeWay first);

  // The way of the next call, and whether it is to be timed. When a call is, record() follows before the next.
  struct Next {
    NodeWay way;
    bool is_timed;
  };
  Next next();
  // This rank's time of the call that next() has named; calls of different sizes are compared by the byte.
  void record(double seconds_a_byte);

  // All ways whose turn it is have been timed: settle() once the times are those of the slowest rank.
  bool is_over() const { return recorded_ == times_.size(); }
  std::span<double> times() { return times_; }
  void settle();

  NodeWay best() const { return ways_[best_].way; }

 private:
  struct Candidate {
    NodeWay way;
    std::vector<double> kept;  // its latest times
    int sits_out = 0;          // trials that it does not take part in
  };
  double median_of(size_t way) const;
  bool is_clearly_slower(size_t way, size_t than) const;
  void keep_times();
  size_t fastest() const;
  void sit_out_losers();
  void call_next();

  std::vector<Candidate> ways_;
  size_t best_;
  std::vector<size_t> in_turn_;  // who takes part in this trial or the next
  std::vector<double> times_;    // of those, in turns, several times
  size_t recorded_ = 0;
  int64_t rest_;   // calls until the next trial
  int64_t pause_;  // and after that one
};

}  // namespace lpcoll::tune
