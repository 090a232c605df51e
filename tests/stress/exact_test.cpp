// SPDX-License-Identifier: Apache-2.0
// The jobs against their own right answers: they must notice one wrong bit.
#include "tests/stress/exact.hpp"

#include <gtest/gtest.h>

namespace blasx::stress {
namespace {

double g_error = 0;

// Row-major product of a transposed matrix and another, by definition.
void naive_sgemm(int, int, int, int m, int n, int k, float, const float* a, int lda, const float* b,
                 int ldb, float, float* c, int ldc) {
  for (int i = 0; i < m; ++i) {
    for (int j = 0; j < n; ++j) {
      float sum = 0;
      for (int l = 0; l < k; ++l) sum += a[l * lda + i] * b[l * ldb + j];
      c[i * ldc + j] = sum;
    }
  }
  c[0] += static_cast<float>(g_error);
}

// Forward substitution with a unit lower triangle, column-major.
void naive_dtrsm(int, int, int, int, int, int m, int n, double, const double* a, int lda, double* b,
                 int ldb) {
  for (int j = 0; j < n; ++j) {
    for (int i = 0; i < m; ++i) {
      for (int l = 0; l < i; ++l) b[j * ldb + i] -= a[l * lda + i] * b[j * ldb + l];
    }
  }
  b[0] += g_error;
}

TEST(Exact, JobsKnowRightFromWrong) {
  const Inputs inputs(20);
  Calls calls{};
  calls.sgemm = naive_sgemm;
  calls.dtrsm = naive_dtrsm;
  for (const Kind kind : {Kind::Sgemm, Kind::Dtrsm}) {
    const auto job = make_job(kind, inputs);
    g_error = 0;
    EXPECT_TRUE(job->run(calls)) << job->name();
    g_error = 1;
    EXPECT_FALSE(job->run(calls)) << job->name();
  }
}

}  // namespace
}  // namespace blasx::stress
