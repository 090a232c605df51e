// SPDX-License-Identifier: Apache-2.0
// The task graph of every family, run by the definition of its kernels in random admissible orders: results, what is stored,
// the order of steps and the operations they add up to.
#include "blasx/tile/graph.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <complex>
#include <set>

#include "tests/blasx/tile/plain_executor.hpp"
#include "tests/support/call_case.hpp"
#include "tests/support/flags.hpp"

namespace blasx::tile {
namespace {

using Element = PlainExecutor::Element;

// Edges smaller than, equal to and larger than the sizes, rectangular ones too. And such whose last part of C is cut finer.
constexpr TileShape kShapes[] = {{4, 4, 4},
                                 {3, 5, 2},
                                 {7, 7, 7},
                                 {5, 3, 100},
                                 {64, 64, 64},
                                 {4, 4, 4, 4, 1},
                                 {3, 5, 2, 5, 2},
                                 {4, 3, 2, 3, 2},
                                 {3, 2, 2, 0, 0, false, true},
                                 {6, 6, 2, 0, 0, true}};
constexpr int64_t kSizes[] = {1, 3, 4, 5, 7, 11};

BlasCall square_gemm(const void* a, const void* b, int64_t size) {
  BlasCall call;
  call.trans_b = Op::Trans;
  call.m = call.n = call.k = size;
  call.lda = call.ldb = call.ldc = size;
  call.a = a;
  call.b = b;
  return call;
}

class Graph : public testing::TestWithParam<Routine> {
 protected:
  // Calls of all flags in a few random sizes each.
  template <typename F>
  void for_each_case(const F& look) {
    const Routine routine = GetParam();
    std::mt19937_64 random(static_cast<uint64_t>(routine));
    const auto size = [&] { return kSizes[random() % std::size(kSizes)]; };
    for (BlasCall call : support::all_flags(routine, Type::Z)) {
      for (const TileShape& shape : kShapes) {
        for (const auto& [alpha, beta] : factors(routine)) {
          call.alpha = alpha;
          call.beta = beta;
          call.m = size();
          call.n = support::writes_triangle(routine) ? call.m : size();
          call.k = support::has_inner_dimension(routine) ? size() : 0;
          SCOPED_TRACE(support::describe(call) + " tile " + std::to_string(shape.m) + " " +
                       std::to_string(shape.n) + " " + std::to_string(shape.k));
          look(call, shape, random());
          if (HasFailure()) return;
        }
      }
    }
  }

  static std::vector<std::pair<Scalar, Scalar>> factors(Routine routine) {
    const Scalar alpha = routine == Routine::Herk ? Scalar(0.75) : Scalar(0.75, -0.5);
    const bool real_beta = routine == Routine::Herk || routine == Routine::Her2k;
    const Scalar beta = real_beta ? Scalar(-0.5) : Scalar(-0.5, 0.25);
    return {{alpha, beta}, {alpha, 0.0}, {0.0, beta}, {1.0, 1.0}, {0.0, 0.0}};
  }
};

TEST_P(Graph, AnyAdmissibleOrderComputesTheCall) {
  for_each_case([](const BlasCall& call, TileShape shape, uint64_t seed) {
    for (const bool fused : {false, true}) {
      support::CallCase<Element> test(call, 2, seed);
      const TaskGraph graph(test.call, shape);
      PlainExecutor executor(graph, seed + 1);
      ASSERT_TRUE(executor.run(fused));
      test.check(2 * std::max({call.m, call.n, call.k}) + 2);
    }
  });
}

TEST_P(Graph, StoresEveryElementOfTheOutputOnce) {
  for_each_case([](const BlasCall& call, TileShape shape, uint64_t seed) {
    support::CallCase<Element> test(call, 2, seed);
    const TaskGraph graph(test.call, shape);
    PlainExecutor executor(graph, seed);
    ASSERT_TRUE(executor.run(false));
    for (int64_t j = 0; j < call.n; ++j) {
      for (int64_t i = 0; i < call.m; ++i) {
        const int stores = executor.stores()[static_cast<size_t>(i + j * call.m)];
        ASSERT_EQ(stores, in_region(support::written_region(call), i, j) ? 1 : 0) << i << " " << j;
      }
    }
  });
}

TEST_P(Graph, OperationsAddUpToTheFamilysCount) {
  for_each_case([](const BlasCall& call, TileShape shape, uint64_t) {
    if (call.alpha == Scalar(0.0)) return;
    const TaskGraph graph(call, shape);
    double sum = 0;
    for (int32_t t = 0; t < graph.task_count(); ++t) sum += graph.operations(TaskId{t});
    EXPECT_DOUBLE_EQ(sum, operation_count(call));
  });
}

// The step's tile along the inner dimension, whichever operand says it.
TileId inner_tile(const BlasCall& call, const Step& step) {
  if (support::has_inner_dimension(call.routine)) return step.a;
  if (step.kernel == Kernel::Trmm || step.kernel == Kernel::Trsm) return TileId::None;
  return step.kernel == Kernel::Gemm && call.side == Side::Right ? step.a : step.b;
}

TEST_P(Graph, StepsRunUpTheInnerDimension) {
  for_each_case([](const BlasCall& call, TileShape shape, uint64_t seed) {
    if (call.alpha == Scalar(0.0)) return;
    support::CallCase<Element> test(call, 3, seed);
    const TaskGraph graph(test.call, shape);
    const bool rank2 = call.routine == Routine::Syr2k || call.routine == Routine::Her2k;
    for (int32_t t = 0; t < graph.task_count(); ++t) {
      const Task task = graph.task(TaskId{t});
      int64_t k = 0;
      std::vector<TileId> inner;
      for (int32_t s = 0; s < task.step_count; ++s) {
        const Step step = graph.step(TaskId{t}, s);
        EXPECT_EQ(step.m, graph.rows(task.output));
        EXPECT_EQ(step.n, graph.cols(task.output));
        k += step.k;
        const bool in_place = support::is_triangular(call.routine);
        if (in_place) {
          const Kernel kernel = call.routine == Routine::Trmm ? Kernel::Trmm : Kernel::Trsm;
          const int32_t at = call.routine == Routine::Trmm ? 0 : task.step_count - 1;
          EXPECT_EQ(step.kernel, s == at ? kernel : Kernel::Gemm);
        } else {
          EXPECT_EQ(step.beta, s == 0 ? call.beta : Scalar(1.0)) << "step " << s;
        }
        const bool second = rank2 && step.kernel == Kernel::Gemm && s % 2;
        const TileId tile = inner_tile(call, step);
        if (tile != TileId::None && !second) inner.push_back(tile);
      }
      // A solve takes the tiles in the order in which they are solved, a product in place from the nearest on if it is told to.
      const bool along_chain = call.routine == Routine::Trsm || shape.near_first;
      if (support::is_triangular(call.routine) && along_chain && !graph.grid().chains.ascending)
        std::reverse(inner.begin(), inner.end());
      EXPECT_TRUE(std::is_sorted(inner.begin(), inner.end()));
      EXPECT_EQ(std::set<TileId>(inner.begin(), inner.end()).size(), inner.size());
      if (support::has_inner_dimension(call.routine)) {
        const bool twice = rank2 && task.region == Region::Full;
        EXPECT_EQ(k, twice ? 2 * call.k : call.k);
      }
    }
  });
}

TEST_P(Graph, InputsAreThoseOfTheStep) {
  for_each_case([](const BlasCall& call, TileShape shape, uint64_t) {
    const TaskGraph graph(call, shape);
    for (int32_t t = 0; t < graph.task_count(); ++t) {
      const Place place = graph.place(TaskId{t});
      for (int32_t s = 0; s < graph.task(TaskId{t}).step_count; ++s) {
        const Step step = graph.step(place, s);
        ASSERT_EQ(graph.inputs(place, s), (std::array{step.a, step.b})) << t << " " << s;
      }
    }
  });
}

TEST_P(Graph, ChainsAreWholeAndCounted) {
  for_each_case([](const BlasCall& call, TileShape shape, uint64_t) {
    const TaskGraph graph(call, shape);
    for (int32_t t = 0; t < graph.task_count(); ++t) {
      const Task task = graph.task(TaskId{t});
      ASSERT_EQ(task.edge == Edge::None, task.predecessor == TaskId::None);
      if (task.predecessor != TaskId::None) {
        EXPECT_LT(task.predecessor, TaskId{t});
        EXPECT_EQ(graph.task(task.predecessor).successor, TaskId{t});
      }
      const bool last = task.successor == TaskId::None;
      EXPECT_EQ(task.chain_length, last ? 1 : graph.task(task.successor).chain_length + 1);
      if (!last) {
        EXPECT_EQ(graph.task(task.successor).predecessor, TaskId{t});
      }
    }
  });
}

TEST_P(Graph, TilesLieInTheirMatricesAndFitABlock) {
  for_each_case([](const BlasCall& call, TileShape shape, uint64_t seed) {
    support::CallCase<Element> test(call, 3, seed);
    const TaskGraph graph(test.call, shape);
    for (int32_t t = 0; t < graph.tile_count(); ++t) {
      const TileId id{t};
      EXPECT_GE(graph.rows(id), 1);
      EXPECT_GE(graph.cols(id), 1);
      EXPECT_LE(graph.rows(id), graph.block_ld(id));
      const int64_t room = graph.is_output(id) ? graph.output_bytes() : graph.block_bytes();
      EXPECT_LE(graph.block_ld(id) * graph.cols(id) * 16, room);
      EXPECT_EQ(graph.bytes(id), graph.rows(id) * graph.cols(id) * 16);
    }
    EXPECT_EQ(graph.outputs_are_read(), call.routine == Routine::Trsm && call.alpha != Scalar(0.0));
  });
}

// Of tiles half as long along k as C's are wide, two take the room of one of C's.
TEST(Blocks, OfThinTilesAreSmaller) {
  const double a[64] = {}, b[64] = {};
  BlasCall call = square_gemm(a, b, 64);
  EXPECT_EQ(TaskGraph(call, {32, 32, 16}).blocks_of_output(), 1);
  for (const Op trans_a : {Op::NoTrans, Op::Trans}) {
    call.trans_a = trans_a;
    const TaskGraph graph(call, {32, 32, 16, 0, 0, true});
    EXPECT_EQ(graph.blocks_of_output(), 2);
    for (int32_t s = 0; s < 2; ++s) {
      const Step step = graph.step(TaskId{0}, s);
      const auto lds = graph.block_lds();
      EXPECT_EQ(lds[0], graph.block_ld(step.a));
      EXPECT_EQ(lds[1], graph.block_ld(step.b));
      EXPECT_EQ(lds[2], graph.block_ld(graph.task(TaskId{0}).output));
    }
  }
  call.alpha = 0.0;
  EXPECT_EQ(TaskGraph(call, {32, 32, 16, 0, 0, true}).blocks_of_output(), 1) << "nothing is read";
}

// The groups of a task are those of its inputs: a tile that several tasks want counts for each.
TEST_P(Graph, GroupsTieTasksToTheirTiles) {
  for_each_case([](const BlasCall& call, TileShape shape, uint64_t seed) {
    if (call.alpha == Scalar(0.0)) return;
    support::CallCase<Element> test(call, 3, seed);
    const TaskGraph graph(test.call, shape);
    for (int32_t t = 0; t < graph.task_count(); ++t) {
      const auto wanted = graph.task_groups(TaskId{t});
      for (int32_t s = 0; s < graph.task(TaskId{t}).step_count; ++s) {
        const Step step = graph.step(TaskId{t}, s);
        for (const TileId tile : {step.a, step.b}) {
          if (tile == TileId::None) continue;
          const auto groups = graph.tile_groups(tile);
          bool shared = false;
          for (const int32_t g : groups) {
            EXPECT_LT(g, graph.group_count());
            shared = shared || (g >= 0 && (g == wanted[0] || g == wanted[1]));
          }
          EXPECT_TRUE(shared) << "task " << t << " step " << s;
        }
      }
    }
  });
}

INSTANTIATE_TEST_SUITE_P(EveryFamily, Graph,
                         testing::Values(Routine::Gemm, Routine::Gemm3m, Routine::Gemmt,
                                         Routine::Symm, Routine::Hemm, Routine::Syrk, Routine::Herk,
                                         Routine::Syr2k, Routine::Her2k, Routine::Trmm,
                                         Routine::Trsm),
                         [](const auto& family) { return routine_name(family.param); });

TEST(OneMatrixInTwoRoles, IsOneSetOfTiles) {
  const double a[64] = {}, b[64] = {};
  EXPECT_EQ(TaskGraph(square_gemm(a, b, 8), {4, 4, 4}).tile_count(), 12);
  EXPECT_EQ(TaskGraph(square_gemm(a, a, 8), {4, 4, 4}).tile_count(), 8);
  BlasCall other_stride = square_gemm(a, a, 4);
  other_stride.ldb = 8;
  EXPECT_EQ(TaskGraph(other_stride, {2, 2, 2}).tile_count(), 12);
}

TEST(Shape, IsCutToTheMatrixAndToSquaresWhereTheFamilyNeedsThem) {
  BlasCall call;
  call.m = 5;
  call.n = 9;
  call.k = 0;
  const TileShape gemm = TaskGraph(call, {64, 4, 64}).shape();
  EXPECT_EQ(gemm.m, 5);
  EXPECT_EQ(gemm.n, 4);
  EXPECT_EQ(gemm.k, 1);
  call.routine = Routine::Trsm;
  call.side = Side::Right;
  EXPECT_EQ(TaskGraph(call, {2, 4, 64}).shape().k, 4);
}

TEST(Fusing, NeedsTilesThatAdjoin) {
  const double a[64] = {}, b[64] = {};
  BlasCall call = square_gemm(a, b, 8);
  const TaskGraph graph(call, {4, 4, 2});
  int32_t count = 0;
  EXPECT_EQ(graph.fused_step(TaskId{0}, 0, count).k, 8);
  EXPECT_EQ(count, 4);
  EXPECT_EQ(graph.fused_step(TaskId{0}, 3, count).k, 2);
  EXPECT_EQ(count, 1);
  // The two products of syr2k alternate.
  call.routine = Routine::Syr2k;
  const TaskGraph rank2(call, {4, 4, 2});
  EXPECT_EQ(rank2.fused_step(TaskId{1}, 0, count).k, 2);
  EXPECT_EQ(count, 1);
}

TEST(Addresses, DoNotOverflowThirtyTwoBits) {
  BlasCall call;
  call.m = call.n = call.k = int64_t{1} << 20;
  call.lda = call.ldb = call.ldc = call.m;
  const TaskGraph graph(call, {1 << 16, 1 << 16, 1 << 16});
  const TileId last = graph.task(TaskId{graph.task_count() - 1}).output;
  const int64_t at = (int64_t{15} << 16) * (1 + call.m) * 8;
  EXPECT_EQ(reinterpret_cast<int64_t>(graph.home(last)), at);
}

}  // namespace
}  // namespace blasx::tile
