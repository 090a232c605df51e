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
  // `ways` is not empty; `first` is taken by those who do not ask next().
  Trial(std::vector<NodeWay> ways, NodeWay first);

  // The way of the next call, and whether it is to be timed. When a call is, record() follows before the next.
  struct Next {
    NodeWay way;
    bool is_timed;
  };
  Next next();
  // This rank's time of the call that next() has named; calls of different sizes are compared by the byte.
  void record(double seconds_a_byte);

  // All ways have been timed: settle() once the times are those of the slowest rank.
  bool is_over() const { return recorded_ == times_.size(); }
  std::span<double> times() { return times_; }
  void settle();

  NodeWay best() const { return best_; }

 private:
  double median_of(size_t way) const;
  size_t fastest_of_ours() const;

  std::vector<NodeWay> ways_;
  NodeWay best_;
  std::vector<double> times_;  // all ways in turns, several times
  size_t recorded_ = 0;
  int64_t rest_;   // calls until the next trial
  int64_t pause_;  // and after that one
};

}  // namespace lpcoll::tune
