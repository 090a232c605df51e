// SPDX-License-Identifier: Apache-2.0
// Makes what one thread does take as long as at some rate, by sleeping. A sleep ends late, by a tenth of a millisecond or as long
// as others have the processor; what follows is as much shorter, so that it is the rate that holds, and not a part of it.
#pragma once

#include <algorithm>
#include <cstdint>

namespace blasx::device {

class Pace {
 public:
  // How long to sleep now, after work that began at `start_ns` and is to last `lasts_ns`.
  int64_t rest_ns(int64_t start_ns, int64_t lasts_ns, int64_t now_ns) {
    lasts_ns_ = lasts_ns;
    end_ns_ = start_ns + lasts_ns - late_ns_;
    late_ns_ =
        std::clamp<int64_t>(now_ns - end_ns_, 0, late_ns_);  // what did not fit into this one
    return std::max<int64_t>(end_ns_ - now_ns, 0);
  }
  // After a sleep.
  void woke(int64_t now_ns) { late_ns_ = std::clamp<int64_t>(now_ns - end_ns_, 0, lasts_ns_); }

 private:
  int64_t late_ns_ = 0;
  int64_t end_ns_ = 0;
  int64_t lasts_ns_ = 0;
};

}  // namespace blasx::device
