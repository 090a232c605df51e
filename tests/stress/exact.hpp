// SPDX-License-Identifier: Apache-2.0
// Level-3 jobs on small whole numbers. Every product and sum is exact, so a result is right to the last bit or wrong, whoever
// computed it, in whatever order and wherever. Inputs are shared and only read; each job owns its output.
#pragma once

#include <vector>

#include "tests/stress/calls.hpp"

namespace blasx::stress {

// Shared by all jobs of a process.
struct Inputs {
  explicit Inputs(int order);

  int n;
  std::vector<double> a, b;   // entries -2 .. 2
  std::vector<float> as, bs;  // the same numbers
  std::vector<double>
      unit;  // I + N with N in the lower left quarter: N^2 = 0, so its inverse I - N is whole too
  std::vector<std::complex<double>> az;
};

// A routine with its right answer, found by plain loops.
class Job {
 public:
  virtual ~Job() = default;
  virtual const char* name() const = 0;
  // Calls the BLAS with the given functions; true when the result is right.
  virtual bool run(const Calls& calls) = 0;
};

enum class Kind { Dgemm, Sgemm, Zherk, Dsyrk, Dsyr2k, Dsymm, Dtrmm, Dtrsm };
inline constexpr int kKindCount = 8;

std::unique_ptr<Job> make_job(Kind kind, const Inputs& inputs);

}  // namespace blasx::stress
