// SPDX-License-Identifier: Apache-2.0
// Whether a file holds the product that a job asks for, by one random vector (Freivalds 1977): every matrix is read
// once, and a wrong element goes unseen only when it is of the size of rounding. No state.
#pragma once

#include "ooc_gemm/run/job.hpp"

namespace ooc_gemm::run {

struct Verdict {
  double worst = 0;  // largest error of a row, in units of what rounding may cause; right up to 1
  int64_t worst_row = 0;
  bool right() const { return worst <= 1; }
};

// The job's output is read as it is; `seed` makes the vector. When C was accumulated in place, its old values are
// gone and nothing can be said: refused.
Result<Verdict> verify(const Job& job, uint64_t seed);

}  // namespace ooc_gemm::run
