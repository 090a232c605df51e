// SPDX-License-Identifier: Apache-2.0
// What the solver refuses, and that it then has touched nothing. What it computes is tested with the kernels.
#include "blasx/hostblas/solve.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "call_cases.hpp"

namespace blasx::hostblas {
namespace {

BlasCall trsm(Type t, int64_t m, int64_t n) {
  BlasCall call;
  call.routine = Routine::Trsm, call.type = t, call.m = m, call.n = n;
  return call;
}

TEST(Solve, TakesOrdinaryTriangles) {
  Case<double> d(trsm(Type::D, 300, 40));
  d.check([](const BlasCall& call) { ASSERT_TRUE(solve_triangle(call)); });
  Case<float> s(trsm(Type::S, 33, 100));
  s.check([](const BlasCall& call) { ASSERT_TRUE(solve_triangle(call)); });
}

TEST(Solve, LeavesComplexTypesAndSmallOnesToTheHost) {
  Case<std::complex<double>> z(trsm(Type::Z, 64, 64));
  EXPECT_FALSE(solve_triangle(z.call()));
  Case<double> few(trsm(Type::D, 64, 3));
  EXPECT_FALSE(solve_triangle(few.call()));
  Case<double> small(trsm(Type::D, 3, 64));
  EXPECT_FALSE(solve_triangle(small.call()));
}

TEST(Solve, RefusesDiagonalsWhoseReciprocalIsNotANormalNumber) {
  for (const double bad : {0.0, 1e-310, 1e308, std::numeric_limits<double>::infinity(),
                           std::numeric_limits<double>::quiet_NaN()}) {
    Case<double> c(trsm(Type::D, 40, 40));
    c.a()[static_cast<size_t>(17 * (c.call().lda + 1))] = bad;
    const std::vector<double> before = c.c();
    if (bad == 1e308) {
      BlasCall unit = c.call();
      unit.diag = Diag::Unit;  // then the diagonal does not matter
      EXPECT_TRUE(solve_triangle(unit));
      continue;
    }
    EXPECT_FALSE(solve_triangle(c.call())) << bad;
    EXPECT_EQ(c.c(), before) << bad;
  }
}

}  // namespace
}  // namespace blasx::hostblas
