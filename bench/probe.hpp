// SPDX-License-Identifier: Apache-2.0
// Is this machine giving us the cores it claims to have? On shared machines two busy threads together get the work of one for
// seconds at a time, and no counter shows it. The probe owns what it has learned: the best rate of one core.
#pragma once

#include <cstdint>
#include <vector>

namespace blasx::bench {

// Floating-point operations per second (double) of the widest vectors this processor has, on the calling thread for about
// `seconds`.
double spin_rate(double seconds);

struct ProbeResult {
  double alone = 0;     // one pinned spinner, operations per second
  double together = 0;  // one pinned spinner a core, all together
};

// True when the cores together did `part` of what the best lone core promised for each of them.
bool scales(const ProbeResult& result, int threads, double best_alone, double part);

class ScalingProbe {
 public:
  // Uses the first `threads` processors this process may run on. One thread: always good, nothing is run.
  explicit ScalingProbe(int threads, double part = 0.9);

  bool good();                                // about 15 ms
  double peak_operations_per_second() const;  // double precision, all threads, best seen
  const std::vector<ProbeResult>& results() const { return results_; }

 private:
  ProbeResult run() const;

  int threads_;
  double part_;
  double best_alone_ = 0;
  std::vector<int> processors_;
  std::vector<ProbeResult> results_;
};

}  // namespace blasx::bench
