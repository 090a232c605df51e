// SPDX-License-Identifier: Apache-2.0
#include "blasx/tile/unequal.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "blasx/tile/shape.hpp"

namespace blasx::tile {
namespace {

double a, b, c;

BlasCall call_of(Routine routine, int64_t n, Side side = Side::Left) {
  BlasCall call;
  call.routine = routine;
  call.side = side;
  call.m = call.n = call.k = n;
  call.lda = call.ldb = call.ldc = n;
  call.a = &a;
  call.b = &b;
  call.c = &c;
  return call;
}

// Large kernels at `rate`; those of edge 256 at half of it.
ArenaDevice device(double rate, bool curve = true) {
  ArenaDevice d{int64_t{8} << 30, 4, rate, 10e9};
  if (curve) d.product = d.triangular = {{256, rate / 2e9}, {2048, rate / 1e9}};
  return d;
}
std::vector<ArenaDevice> four(double fast, double slow, bool curve = true) {
  return {device(slow, curve), device(slow, curve), device(fast, curve), device(fast, curve)};
}

constexpr Routine kSix[] = {Routine::Gemm, Routine::Syrk, Routine::Syr2k,
                            Routine::Symm, Routine::Trmm, Routine::Trsm};

TEST(Unequal, KnowsEqualDevicesFromOthers) {
  EXPECT_TRUE(are_unequal(four(600e9, 100e9)));
  EXPECT_TRUE(are_unequal(four(300e9, 200e9)));
  EXPECT_FALSE(are_unequal(four(280e9, 200e9))) << "measured, not unequal";
  EXPECT_FALSE(are_unequal(four(600e9, 0))) << "not all known";
  EXPECT_FALSE(are_unequal({}));
}

TEST(Unequal, NamesNoEdgeWithoutCurves) {
  EXPECT_TRUE(fastest_edge(call_of(Routine::Gemm, 8192), four(600e9, 100e9)));
  EXPECT_FALSE(fastest_edge(call_of(Routine::Gemm, 8192), four(600e9, 100e9, false)));
}

// Larger tiles make faster kernels, until there are too few of them.
TEST(Unequal, LargerCallsGetLargerTiles) {
  for (const Routine routine : kSix) {
    const auto edge = [&](int64_t n) {
      return *fastest_edge(call_of(routine, n), four(6e12, 2e12));
    };
    EXPECT_LE(edge(4096), 1280) << routine_name(routine);
    EXPECT_LT(edge(4096), edge(16384)) << routine_name(routine);
    EXPECT_GE(edge(65536), 2048) << routine_name(routine);
  }
}

// The part of C before the finer tiles is what the fast devices do in the time in which the slow ones do the rest.
TEST(Unequal, TheSlowGetTheirShareInFinerTiles) {
  for (const Routine routine : kSix) {
    for (const Side side : {Side::Left, Side::Right}) {
      const BlasCall call = call_of(routine, 16384, side);
      const TileShape shape = shape_for_unequal(call, four(600e9, 100e9), 1024);
      const TaskGraph graph(call, shape);
      double fine = 0, all = 0;
      int32_t tasks = 0;
      for (int32_t t = 0; t < graph.task_count(); ++t) {
        const double operations = graph.operations(TaskId{t});
        all += operations;
        if (!graph.is_fine(graph.place(TaskId{t}))) continue;
        fine += operations;
        ++tasks;
      }
      EXPECT_NEAR(fine / all, 1.0 / 7, 0.04) << routine_name(routine);
      // A slow device has at least twenty, since half of one is what it may be late.
      EXPECT_GE(tasks, 40) << routine_name(routine);
      EXPECT_GE(shape.fine, 128);
      EXPECT_LT(shape.fine, 1024);
    }
  }
}

// A chain is one task after another: each fast device needs as many as the others.
TEST(Unequal, FastDevicesGetEqualNumbersOfChains) {
  for (const int64_t n : {8192, 16384, 20480, 40960}) {
    const BlasCall call = call_of(Routine::Trsm, n);
    const TileShape shape = shape_for_unequal(call, four(600e9, 100e9), 1024);
    EXPECT_EQ(shape.fine_from % (2 * shape.n), 0) << n;
    EXPECT_GE(shape.fine_from / shape.n, 6) << n;
  }
}

ShapeFacts facts_of(const std::vector<ArenaDevice>& devices) {
  ShapeFacts facts;
  facts.streams = 0;
  for (const ArenaDevice& d : devices) {
    facts.streams += d.streams;
    facts.add_arena(d);
  }
  return facts;
}

TEST(Unequal, ChoiceOfShapeCutsFinerOnlyWhereItGains) {
  const auto fine = [](const BlasCall& call, const ShapeFacts& facts) {
    return choose_tile_shape(call, facts)->fine;
  };
  const BlasCall gemm = call_of(Routine::Gemm, 16384), trsm = call_of(Routine::Trsm, 16384);
  EXPECT_GT(fine(gemm, facts_of(four(600e9, 100e9))), 0);
  EXPECT_EQ(fine(gemm, facts_of(four(600e9, 600e9))), 0) << "equal";
  EXPECT_EQ(fine(gemm, facts_of(four(600e9, 100e9, false))), 0) << "nobody knows what it costs";
  EXPECT_GT(fine(trsm, facts_of(four(600e9, 100e9, false))), 0) << "but chains need it";
  BlasCall square = gemm;
  square.b = square.a;
  EXPECT_EQ(fine(square, facts_of(four(600e9, 100e9))), 0) << "A's rows are B's columns";
  ShapeFacts asked = facts_of(four(600e9, 100e9));
  asked.tile = 1024;
  EXPECT_EQ(fine(gemm, asked), 0) << "the user's tile";
}

TEST(Unequal, PartsFitTheSmallestArena) {
  for (const Routine routine : kSix) {
    for (int64_t mib = 4; mib <= 4096; mib *= 4) {
      ShapeFacts facts = facts_of(four(600e9, 100e9));
      facts.arena_bytes = mib << 20;
      const BlasCall call = call_of(routine, 16384);
      const TaskGraph graph(call, choose_tile_shape(call, facts).value());
      EXPECT_GE(facts.arena_bytes / graph.block_bytes(), 20) << routine_name(routine) << " " << mib;
    }
  }
}

}  // namespace
}  // namespace blasx::tile
