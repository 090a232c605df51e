// SPDX-License-Identifier: Apache-2.0
#include "blasx/tile/shape.hpp"

#include <gtest/gtest.h>

#include <ctime>

namespace blasx::tile {
namespace {

BlasCall square(Routine routine, int64_t size) {
  BlasCall call;
  call.routine = routine;
  call.m = call.n = call.k = size;
  call.lda = call.ldb = call.ldc = size;
  return call;
}

// A product whose three matrices are not the same.
BlasCall of_three_matrices(int64_t size) {
  static const double data[2] = {};
  static double output = 0;
  BlasCall call = square(Routine::Gemm, size);
  call.a = data;
  call.b = data + 1;
  call.c = &output;
  return call;
}

int64_t blocks_of(const BlasCall& call, TileShape shape, int64_t arena_bytes) {
  return arena_bytes / TaskGraph(call, shape).block_bytes();
}

TEST(ChooseShape, TakesTheEdgeThatWasAsked) {
  const auto home = choose_tile_shape(square(Routine::Gemm, 500), {.tile = 96});
  ASSERT_TRUE(home);
  EXPECT_EQ(home->m, 96);
  EXPECT_EQ(home->n, 96);
  EXPECT_EQ(home->k, 96);
  const auto arena =
      choose_tile_shape(square(Routine::Gemm, 500), {.tile = 96, .arena_bytes = 64 << 20});
  ASSERT_TRUE(arena);
  EXPECT_EQ(arena->m, 96);
}

TEST(ChooseShape, ShrinksTheAskedEdgeToTheArena) {
  const BlasCall call = square(Routine::Gemm, 500);
  const auto shape = choose_tile_shape(call, {.tile = 256, .arena_bytes = 100000});
  ASSERT_TRUE(shape);
  EXPECT_LT(shape->m, 256);
  EXPECT_GE(blocks_of(call, *shape, 100000), 3);
}

TEST(ChooseShape, SaysWhenAnArenaHoldsNoTask) {
  const auto shape =
      choose_tile_shape(square(Routine::Gemm, 500), {.tile = {}, .arena_bytes = 1000});
  ASSERT_FALSE(shape);
  EXPECT_EQ(shape.error().code(), StatusCode::OutOfMemory);
}

TEST(ChooseShape, GivesEveryStreamATask) {
  const BlasCall call = square(Routine::Gemm, 2048);
  const int64_t plenty = int64_t{1} << 32;
  const auto one = choose_tile_shape(call, {.tile = {}, .streams = 1, .arena_bytes = plenty});
  const auto many = choose_tile_shape(call, {.tile = {}, .streams = 16, .arena_bytes = plenty});
  ASSERT_TRUE(one && many);
  EXPECT_EQ(one->m, 1024);
  EXPECT_GE(TaskGraph(call, *many).task_count(), 16);
}

// A solve's chains count once, whatever their length.
TEST(ChooseShape, CountsASolvesChains) {
  const auto shape = choose_tile_shape(square(Routine::Trsm, 2048),
                                       {.tile = {}, .streams = 4, .arena_bytes = int64_t{1} << 32});
  ASSERT_TRUE(shape);
  EXPECT_EQ(shape->n, 512);
}

// Of few chains each becomes thinner, not the triangle's tiles smaller.
TEST(ChooseShape, ThinsChainsUntilEachStreamHasOne) {
  for (const Side side : {Side::Left, Side::Right}) {
    BlasCall call = square(Routine::Trsm, 8192);
    call.side = side;
    const auto shape =
        choose_tile_shape(call, {.tile = {}, .streams = 12, .arena_bytes = int64_t{1} << 34});
    ASSERT_TRUE(shape);
    EXPECT_EQ(side == Side::Left ? shape->m : shape->n, 1024);
    EXPECT_EQ(side == Side::Left ? shape->n : shape->m, 512);
  }
}

// 60 TFLOP/s behind 55 GB/s want larger tiles than 1.2 behind 10; single precision needs half as many bytes.
TEST(ChooseShape, FollowsWhatADeviceComputesForEachByte) {
  const auto edge = [](double operations_per_byte, Type type) {
    BlasCall call = square(Routine::Gemm, 32768);
    call.type = type;
    return choose_tile_shape(call, {.tile = {},
                                    .streams = 32,
                                    .arena_bytes = int64_t{1} << 36,
                                    .operations_per_byte = operations_per_byte})
        ->m;
  };
  EXPECT_EQ(edge(0, Type::D), 1024);
  EXPECT_EQ(edge(1.2e12 / 10e9, Type::D), 1024);
  EXPECT_EQ(edge(18e12 / 25e9, Type::D), 2048);
  EXPECT_EQ(edge(60e12 / 55e9, Type::D), 4096);
  EXPECT_EQ(edge(18e12 / 25e9, Type::S), 1024);
  EXPECT_EQ(edge(60e12 / 55e9, Type::Z), 2048);
}

// Where everything fits, the link asks for nothing: kernels just have to outlast the decisions about them.
TEST(ChooseShape, InMemoryFollowsTheLengthOfAKernel) {
  const auto edge = [](int64_t n, double operations_per_second) {
    return choose_tile_shape(square(Routine::Gemm, n),
                             {.tile = {},
                              .streams = 4,
                              .arena_bytes = int64_t{1} << 37,
                              .operations_per_byte = operations_per_second / 20e9,
                              .operations_per_second = operations_per_second})
        ->m;
  };
  EXPECT_EQ(edge(8192, 1e12), 1024);
  EXPECT_EQ(edge(12000, 60e12), 2048);
  EXPECT_EQ(edge(16384, 60e12), 2816) << "six by six, which is eight tasks a stream and more";
  EXPECT_EQ(edge(32768, 60e12), 4096);
  EXPECT_EQ(edge(4096, 60e12), 1024) << "two tasks a stream at least";
}

// Kernels are a little better on larger tiles, if there are so many that nobody waits for the last.
TEST(ChooseShape, TakesLargerTilesWhereThereArePlenty) {
  const auto edge = [](int64_t n, int32_t streams) {
    return choose_tile_shape(square(Routine::Gemm, n), {.tile = {},
                                                        .streams = streams,
                                                        .arena_bytes = int64_t{1} << 36,
                                                        .streams_per_arena = 4})
        ->m;
  };
  EXPECT_EQ(edge(16384, 4), 2048);
  EXPECT_EQ(edge(16384, 12), 1024);
  EXPECT_EQ(edge(32768, 12), 2048);
}

// Where memory is short tiles are as large as leaves blocks of C that hide what they fetch.
TEST(ChooseShape, ShortMemoryTakesTheTilesThatAreDoneSoonest) {
  const BlasCall call = of_three_matrices(16384);
  const auto depth = [&call](int64_t bytes, double operations_per_second) {
    ShapeFacts facts;
    facts.streams = 4;
    facts.add_arena({bytes, 4, operations_per_second, 55e9});
    return choose_tile_shape(call, facts)->k;
  };
  EXPECT_EQ(depth(int64_t{3} << 30, 56e12), 4096) << "half of the matrices";
  EXPECT_EQ(depth(int64_t{3} << 29, 56e12), 2048);
  EXPECT_EQ(depth(int64_t{3} << 28, 56e12), 1024)
      << "larger ones would fetch more than arithmetic hides";
}

// Half as wide tiles would fetch less, but their kernels are half as fast.
TEST(ChooseShape, ShortMemoryTakesNoSlowKernels) {
  const BlasCall call = of_three_matrices(8192);
  ShapeFacts facts;
  facts.streams = 4;
  facts.add_arena({int64_t{3} << 26, 4, 18.6e12, 25.5e9});
  EXPECT_EQ(choose_tile_shape(call, facts)->m, 1024);
}

// Larger tiles of C with less of k at a time fetch no more and have longer kernels, where these are worth it.
TEST(ChooseShape, ShortMemoryTakesThinTiles) {
  BlasCall call = of_three_matrices(16384);
  ShapeFacts facts;
  facts.streams = 4;
  facts.add_arena({int64_t{3} << 28, 4, 60e12, 55e9});
  const TileShape gemm = *choose_tile_shape(call, facts);
  EXPECT_TRUE(gemm.thin);
  EXPECT_EQ(gemm.m, 2048);
  EXPECT_EQ(gemm.k, 1024);
  call.routine = Routine::Symm;
  EXPECT_FALSE(choose_tile_shape(call, facts)->thin) << "A is cut as C is";
}

// Of a call that takes a minute. Processor time, for the machine may be busy.
TEST(ChooseShape, IsQuick) {
  BlasCall call = of_three_matrices(131072);
  ShapeFacts facts;
  facts.streams = 4;
  facts.add_arena({int64_t{1} << 32, 4, 56e12, 55e9});
  const std::clock_t start = std::clock();
  for (const Routine routine : {Routine::Gemm, Routine::Syrk, Routine::Trmm, Routine::Trsm}) {
    call.routine = routine;
    EXPECT_TRUE(choose_tile_shape(call, facts));
  }
  EXPECT_LT(static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC, 0.3);
}

// A product in place takes its tiles so that neighbours come to the same ones together, where blocks of C make use of that.
TEST(ChooseShape, NearestTilesFirstWhereBlocksAreToBe) {
  BlasCall call = of_three_matrices(16384);
  call.routine = Routine::Trmm;
  const auto near_first = [&call](int64_t bytes, bool peers = false) {
    ShapeFacts facts;
    facts.streams = 4;
    facts.add_arena({bytes, 4, 56e12, 55e9});
    facts.peers = peers;
    return choose_tile_shape(call, facts)->near_first;
  };
  EXPECT_TRUE(near_first(int64_t{3} << 29));
  EXPECT_FALSE(near_first(int64_t{3} << 29, true)) << "devices that fetch from each other";
  EXPECT_FALSE(near_first(int64_t{3} << 30)) << "what is read stays";
  EXPECT_FALSE(near_first(int64_t{1} << 40));
}

ShapeFacts devices_of(std::initializer_list<double> rates, double link = 12e9) {
  ShapeFacts facts;
  facts.streams = 4 * static_cast<int32_t>(rates.size());
  for (const double rate : rates) facts.add_arena({int64_t{8} << 30, 4, rate, link});
  return facts;
}

// The slowest device's fair part is a task for each of its streams, or all would wait for it.
TEST(ChooseShape, ManyTasksForUnequalDevices) {
  const auto edge = [](int64_t n, const ShapeFacts& facts) {
    return choose_tile_shape(square(Routine::Gemm, n), facts)->m;
  };
  const ShapeFacts unequal = devices_of({100e9, 200e9, 400e9});
  EXPECT_EQ(edge(4096, unequal), 512);
  EXPECT_EQ(edge(8192, unequal), 512) << "nine tasks of 64, for four streams";
  EXPECT_EQ(edge(10240, unequal), 1024) << "100 tasks are enough";
  const ShapeFacts fast = devices_of({200e9, 200e9, 1200e9, 1200e9});
  EXPECT_EQ(edge(5120, fast), 512) << "25 tasks where 56 were one each";
  EXPECT_EQ(edge(7168, fast), 1024) << "49: waiting costs less than short kernels";
  EXPECT_EQ(edge(4096, devices_of({400e9, 400e9, 400e9})), 1024) << "equal ones wait for none";
  EXPECT_EQ(edge(4096, devices_of({350e9, 400e9, 420e9})), 1024) << "measured, not unequal";
  EXPECT_EQ(edge(4096, devices_of({100e9, 0, 400e9})), 1024) << "not all known";
  // Kernels of 512 would be over before the next is decided on.
  EXPECT_EQ(edge(4096, devices_of({1e12, 4e12, 4e12})), 1024);
}

TEST(ChooseShape, EqualPartsForCores) {
  const auto edge = [](int64_t n, std::initializer_list<double> rates,
                       Routine routine = Routine::Gemm) {
    return choose_tile_shape(square(routine, n), devices_of(rates))->m;
  };
  EXPECT_EQ(edge(4096, {0, 0}), 2048) << "two tasks each";
  EXPECT_EQ(edge(4096, {80e9, 80e9}), 2048) << "as nobody knows, or known";
  EXPECT_EQ(edge(3000, {0, 0}), 1536) << "all of one size";
  EXPECT_EQ(edge(5000, {0, 0}), 1280) << "nine tasks are not equal parts";
  EXPECT_EQ(edge(6144, {0, 0, 0}), 2048);
  EXPECT_EQ(edge(2048, {0, 0}), 1024);
  EXPECT_EQ(edge(4096, {0, 0, 0}), 1408) << "three each";
  EXPECT_EQ(edge(4096, {400e9, 400e9}), 1024) << "kernels are short";
  EXPECT_LT(edge(4096, {40e9, 80e9}), 2048) << "the slower would take as many";
  EXPECT_EQ(edge(4096, {0, 0}, Routine::Syrk), 1024) << "a triangle's tasks are unequal";
}

// Where not all fits, smaller tiles would wait for their copies.
TEST(ChooseShape, UnequalDevicesStillWaitForNoLink) {
  const BlasCall call = of_three_matrices(4096);
  const auto edge = [&call](double link) {
    ShapeFacts facts = devices_of({100e9, 200e9, 400e9}, link);
    facts.arena_bytes = int64_t{256} << 20;
    return choose_tile_shape(call, facts)->m;
  };
  EXPECT_EQ(edge(12e9), 512);
  EXPECT_EQ(edge(1.5e9), 1024);
}

// A solve's chains are thinned instead of its triangle's tiles.
TEST(ChooseShape, SolvesKeepTheirTilesOnUnequalDevices) {
  const auto shape =
      choose_tile_shape(square(Routine::Trsm, 4096), devices_of({100e9, 200e9, 400e9}));
  EXPECT_EQ(shape->m, 1024);
  EXPECT_LT(shape->n, 1024);
}

TEST(ChooseShape, LeavesRoomForEveryStreamsWorkingSet) {
  const BlasCall call = square(Routine::Gemm, 8192);
  const int64_t arena = 64 << 20;
  const auto shape = choose_tile_shape(
      call, {.tile = {}, .streams = 4, .arena_bytes = arena, .streams_per_arena = 4});
  ASSERT_TRUE(shape);
  EXPECT_GE(blocks_of(call, *shape, arena), 20);
}

TEST(ChooseShape, KeepsTrianglesWholeAtHome) {
  for (const Side side : {Side::Left, Side::Right}) {
    BlasCall call = square(Routine::Trsm, 2048);
    call.side = side;
    const auto shape = choose_tile_shape(call, {.tile = {}, .streams = 2});
    ASSERT_TRUE(shape);
    EXPECT_EQ(side == Side::Left ? shape->m : shape->n, 2048);
    EXPECT_LE(side == Side::Left ? shape->n : shape->m, 1024);
    EXPECT_GE(TaskGraph(call, *shape).task_count(), 2);
  }
}

TEST(ChooseShape, GivesEachWorkerAtHomeOneEqualPanel) {
  for (const int64_t n : {2048, 4096, 6000}) {
    for (const int32_t workers : {1, 2, 3, 8}) {
      const auto shape =
          choose_tile_shape(square(Routine::Trsm, n), {.tile = {}, .streams = workers});
      ASSERT_TRUE(shape);
      const int64_t panels = (n + shape->n - 1) / shape->n;
      EXPECT_EQ(panels, workers) << n << " for " << workers;
      // The last one is what rounding to whole vectors leaves.
      EXPECT_LT(shape->n * panels - n, 16 * panels) << n << " for " << workers;
    }
  }
}

TEST(ChooseShape, KeepsTheInnerDimensionWholeAtHome) {
  const auto shape = choose_tile_shape(square(Routine::Syrk, 3000), {.tile = {}, .streams = 2});
  ASSERT_TRUE(shape);
  EXPECT_EQ(shape->k, 3000);
  EXPECT_GE(TaskGraph(square(Routine::Syrk, 3000), *shape).task_count(), 8);
}

// A square of C whose arithmetic lasts as long as the way of what it reads, if memory holds everything.
TEST(TasksUnderWay, BalanceArithmeticAndLink) {
  const auto tasks = [](Type type, int64_t edge, double operations_per_byte, int64_t blocks) {
    BlasCall call = square(Routine::Gemm, 16384);
    call.type = type;
    return tasks_under_way(TaskGraph(call, {edge, edge, edge}), 4, blocks, operations_per_byte);
  };
  EXPECT_EQ(tasks(Type::D, 2048, 58e12 / 50e9, 1 << 20), 25);
  EXPECT_EQ(tasks(Type::S, 2048, 52e12 / 50e9, 1 << 20), 9);
  EXPECT_EQ(tasks(Type::D, 1024, 1.2e12 / 10e9, 1 << 20), 4) << "one for each stream at least";
  EXPECT_EQ(tasks(Type::D, 1024, 58e12 / 50e9, 95), 64) << "a block of C that memory holds";
  EXPECT_EQ(tasks(Type::D, 1024, 58e12 / 50e9, 20), 8);
}

}  // namespace
}  // namespace blasx::tile
