// SPDX-License-Identifier: Apache-2.0
// What the solver refuses, and that it then has touched nothing. What it computes is tested with the kernels.
#include "blasx/hostblas/solve.hpp"

#include <gtest/gtest.h>

#include <complex>
#include <limits>
#include <vector>

#include "tests/support/call_case.hpp"

namespace blasx::hostblas {
namespace {

using support::CallCase;

BlasCall trsm(Type t, int64_t m, int64_t n) {
  BlasCall call;
  call.routine = Routine::Trsm, call.type = t, call.m = m, call.n = n, call.alpha = 0.5;
  return call;
}

TEST(Solve, TakesOrdinaryTriangles) {
  CallCase<double> d(trsm(Type::D, 300, 40), 2, 1);
  EXPECT_TRUE(solve_triangle(d.call));
  d.check(4);
  CallCase<float> s(trsm(Type::S, 33, 100), 0, 1);
  EXPECT_TRUE(solve_triangle(s.call));
  s.check(4);
}

TEST(Solve, WalksBlocksOfRowsAndColumns) {
  for (const Uplo uplo : {Uplo::Lower, Uplo::Upper}) {
    for (const Op op : {Op::NoTrans, Op::Trans}) {
      BlasCall wide = trsm(Type::D, 700, 20), tall = trsm(Type::S, 1301, 17);
      wide.uplo = tall.uplo = uplo, wide.trans_a = tall.trans_a = op;
      CallCase<double> d(wide, 3, 2);
      EXPECT_TRUE(solve_triangle(d.call));
      d.check(4);
      CallCase<float> s(tall, 0, 3);
      EXPECT_TRUE(solve_triangle(s.call));
      s.check(4);
    }
  }
}

TEST(Solve, LeavesComplexTypesAndSmallOnesToTheHost) {
  CallCase<std::complex<double>> z(trsm(Type::Z, 64, 64), 0, 1);
  EXPECT_FALSE(solve_triangle(z.call));
  CallCase<double> few(trsm(Type::D, 64, 3), 0, 1);
  EXPECT_FALSE(solve_triangle(few.call));
  CallCase<double> small(trsm(Type::D, 3, 64), 0, 1);
  EXPECT_FALSE(solve_triangle(small.call));
}

TEST(Solve, RefusesDiagonalsWhoseReciprocalIsNotANormalNumber) {
  for (const double bad : {0.0, 1e-310, 1e308, std::numeric_limits<double>::infinity(),
                           std::numeric_limits<double>::quiet_NaN()}) {
    CallCase<double> c(trsm(Type::D, 40, 40), 1, 1);
    c.a.at(17, 17) = bad;
    const std::vector<double> before(c.c.data(), c.c.data() + 40 * c.call.ldc);
    EXPECT_FALSE(solve_triangle(c.call)) << bad;
    EXPECT_EQ(before, std::vector<double>(c.c.data(), c.c.data() + 40 * c.call.ldc)) << bad;
    BlasCall unit = c.call;
    unit.diag = Diag::Unit;  // then the diagonal does not matter
    EXPECT_TRUE(solve_triangle(unit)) << bad;
  }
}

}  // namespace
}  // namespace blasx::hostblas
