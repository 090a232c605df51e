// SPDX-License-Identifier: Apache-2.0
#include "blasx/tile/call.hpp"

#include <gtest/gtest.h>

namespace blasx {
namespace {

char g_memory[3];

BlasCall call_of(Routine routine) {
  BlasCall call;
  call.routine = routine;
  call.a = &g_memory[0];
  call.b = &g_memory[1];
  call.c = &g_memory[2];
  call.m = 3;
  call.n = 5;
  call.k = 7;
  call.lda = 11;
  call.ldb = 13;
  call.ldc = 17;
  return call;
}

void expect(const Matrix& m, const void* data, int64_t rows, int64_t cols, int64_t ld) {
  EXPECT_EQ(static_cast<const void*>(m.data), data);
  EXPECT_EQ(m.rows, rows);
  EXPECT_EQ(m.cols, cols);
  EXPECT_EQ(m.ld, ld);
}

TEST(Matrices, OfAProductLieAsTheyAreStored) {
  BlasCall call = call_of(Routine::Gemm);
  call.trans_b = Op::ConjTrans;
  const auto [a, b, c] = matrices_of(call);
  expect(a, call.a, 3, 7, 11);
  expect(b, call.b, 5, 7, 13);
  expect(c, call.c, 3, 5, 17);
}

TEST(Matrices, OfASidedCallAreSquareOnThatSide) {
  BlasCall call = call_of(Routine::Symm);
  call.side = Side::Right;
  const auto [a, b, c] = matrices_of(call);
  expect(a, call.a, 5, 5, 11);
  expect(b, call.b, 3, 5, 13);
  const auto solve = matrices_of(call_of(Routine::Trsm));
  expect(solve[0], call.a, 3, 3, 11);
  EXPECT_EQ(solve[1].data, nullptr);
  expect(solve[2], call.c, 3, 5, 17);
}

TEST(Matrices, OfARankUpdateFollowTrans) {
  BlasCall call = call_of(Routine::Her2k);
  call.m = call.n;
  call.trans_a = Op::ConjTrans;
  const auto [a, b, c] = matrices_of(call);
  expect(a, call.a, 7, 5, 11);
  expect(b, call.b, 7, 5, 13);
  expect(c, call.c, 5, 5, 17);
  EXPECT_EQ(matrices_of(call_of(Routine::Syrk))[1].data, nullptr);
}

TEST(Matrices, ExtentEndsWithTheLastElement) {
  EXPECT_EQ((Matrix{nullptr, 3, 4, 10}).extent_bytes(8), (3 * 10 + 3) * 8);
  EXPECT_EQ((Matrix{nullptr, 0, 4, 10}).extent_bytes(8), 0);
  EXPECT_EQ((Matrix{nullptr, 1 << 20, 1 << 20, 1 << 20}).extent_bytes(16), int64_t{1} << 44);
}

}  // namespace
}  // namespace blasx
