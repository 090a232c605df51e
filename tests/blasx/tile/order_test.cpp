// SPDX-License-Identifier: Apache-2.0
#include "blasx/tile/order.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <utility>

#include "tests/blasx/tile/small_graphs.hpp"

namespace blasx::tile {
namespace {

std::vector<Zone> equal_zones(int count, int64_t blocks = 1000000) {
  return std::vector<Zone>(static_cast<size_t>(count), Zone{1, blocks, 4});
}

// Block rows and block columns of C that a zone touches.
std::pair<size_t, size_t> sides(const TaskGraph& graph, const Order::Zone& zone) {
  std::set<int32_t> rows, cols;
  for (const TaskId id : zone.tasks) {
    rows.insert(graph.task_groups(id)[0]);
    cols.insert(graph.task_groups(id)[1]);
  }
  return {rows.size(), cols.size()};
}

// Every task once, and where its turn says.
void expect_complete(const TaskGraph& graph, const Order& order) {
  size_t tasks = 0;
  for (size_t z = 0; z < order.zones.size(); ++z) {
    const auto& in_turn = order.zones[z].tasks;
    tasks += in_turn.size();
    for (size_t i = 0; i < in_turn.size(); ++i) {
      ASSERT_NE(in_turn[i], TaskId::None);
      const Turn turn = order.turns[static_cast<size_t>(index(in_turn[i]))];
      ASSERT_EQ(turn.zone, static_cast<int32_t>(z));
      ASSERT_EQ(turn.number, static_cast<int32_t>(i));
      ASSERT_EQ(graph.is_fine(graph.place(in_turn[i])),
                i >= static_cast<size_t>(order.zones[z].whole));
    }
  }
  ASSERT_EQ(tasks, static_cast<size_t>(graph.task_count()));
}

TEST(Order, EveryTaskHasItsTurnInOneZone) {
  constexpr Routine kAll[] = {Routine::Gemm,  Routine::Gemmt, Routine::Symm, Routine::Syrk,
                              Routine::Syr2k, Routine::Trmm,  Routine::Trsm};
  for (const Routine routine : kAll) {
    for (const bool other : {false, true}) {
      for (const auto& [mt, nt] : {std::pair{1, 1}, {1, 7}, {13, 1}, {5, 5}, {16, 11}, {9, 23}}) {
        const bool square =
            routine == Routine::Gemmt || routine == Routine::Syrk || routine == Routine::Syr2k;
        for (const int64_t fine_from : {-1, 0, 4, 10}) {
          const TaskGraph graph = graph_of(routine, square ? nt : mt, nt, 6, other, fine_from);
          for (const int zones : {1, 2, 3, 8}) {
            for (const int64_t blocks : {int64_t{0}, int64_t{60}, int64_t{1000000}}) {
              const Order order = order_tasks(graph, equal_zones(zones, blocks));
              ASSERT_EQ(order.zones.size(), static_cast<size_t>(zones));
              expect_complete(graph, order);
              if (HasFatalFailure()) return;
            }
          }
        }
      }
    }
  }
}

// Tiles are not counted but measured, or zones of finer ones would be too small.
TEST(Order, FinerTilesMakeNoLargerShare) {
  const TaskGraph graph = graph_of(Routine::Gemm, 10, 30, 4, false, 15);
  const Order order = order_tasks(graph, std::vector<Zone>{{2, 1000, 4}, {1, 1000, 4}});
  EXPECT_EQ(order.zones[0].tasks.size(), 10U * (15 + 2 * 5));
  // The border between both kinds of tiles is taken if it is near.
  const TaskGraph near = graph_of(Routine::Trsm, 10, 31, 4, false, 21);
  const Order chains = order_tasks(near, std::vector<Zone>{{2, 1000, 4}, {1, 1000, 4}});
  EXPECT_EQ(chains.zones[0].tasks.size(), 10U * 21);
}

TEST(Order, ZonesAreAsLargeAsTheirShares) {
  const TaskGraph graph = graph_of(Routine::Gemm, 30, 30, 4);
  const Order order = order_tasks(graph, std::vector<Zone>{{2, 1000, 4}, {1, 1000, 4}});
  EXPECT_EQ(order.zones[0].tasks.size(), 600U);
  const TaskGraph triangle = graph_of(Routine::Syrk, 60, 60, 4);
  const Order rows = order_tasks(triangle, std::vector<Zone>{{2, 1000, 4}, {1, 1000, 4}});
  const double all = triangle.task_count();
  EXPECT_NEAR(static_cast<double>(rows.zones[0].tasks.size()) / all, 2.0 / 3, 0.03);
}

// Four zones of a square read half its rows and columns each: no other cut reads less.
TEST(Order, ZonesAreNearlySquare) {
  const TaskGraph graph = graph_of(Routine::Gemm, 16, 16, 4);
  for (const auto& zone : order_tasks(graph, equal_zones(4)).zones) {
    EXPECT_EQ(sides(graph, zone), (std::pair<size_t, size_t>{8, 8}));
  }
  const TaskGraph wide = graph_of(Routine::Gemm, 4, 64, 4);
  for (const auto& zone : order_tasks(wide, equal_zones(4)).zones) {
    EXPECT_EQ(sides(wide, zone), (std::pair<size_t, size_t>{4, 16}));
  }
}

// 95 blocks hold a block of 8 x 8 tiles of C and what streams past: 16 x 16 tiles then read A and B twice.
TEST(Order, BlocksAreTakenOneAfterAnother) {
  const TaskGraph graph = graph_of(Routine::Gemm, 16, 16, 16);
  const Zone zone{.share = 1, .blocks = 95, .streams = 4, .tasks = 64};
  const Order order = order_tasks(graph, std::vector<Zone>{zone});
  const Block block = order.zones[0].block;
  EXPECT_EQ(block.rows, 8);
  EXPECT_EQ(block.cols, 8);
  const auto& tasks = order.zones[0].tasks;
  ASSERT_EQ(tasks.size(), 256U);
  std::set<TaskId> seen(tasks.begin(), tasks.end());
  EXPECT_EQ(seen.size(), 256U);
  for (size_t i = 0; i < tasks.size(); ++i)
    EXPECT_EQ(order.turns[static_cast<size_t>(index(tasks[i]))].block,
              static_cast<int32_t>(i / 64));
}

TEST(Order, UnevenBlocksNumberEveryTask) {
  for (const auto& [mt, nt] : {std::pair{17, 23}, {23, 17}, {40, 5}, {19, 19}}) {
    const TaskGraph graph = graph_of(Routine::Symm, mt, nt, 0);  // as many steps as rows
    const Zone zone{.share = 1, .blocks = 40, .streams = 2, .tasks = 24};
    const Order order = order_tasks(graph, std::vector<Zone>{zone});
    const auto& tasks = order.zones[0].tasks;
    ASSERT_GT(order.zones[0].block.tasks(), 2);
    ASSERT_LE(order.zones[0].block.tasks(), 24);
    EXPECT_LE(order.zones[0].block.tasks() + order.zones[0].block.input_tiles(), 40);
    ASSERT_EQ(tasks.size(), static_cast<size_t>(graph.task_count()));
    int32_t last = 0;
    std::vector<std::set<int32_t>> rows(order.zones[0].blocks.size()), cols(rows.size());
    for (const TaskId id : tasks) {
      ASSERT_NE(id, TaskId::None);
      const Turn turn = order.turns[static_cast<size_t>(index(id))];
      EXPECT_GE(turn.block, last);
      last = turn.block;
      ASSERT_LT(static_cast<size_t>(last), rows.size());
      rows[static_cast<size_t>(last)].insert(graph.place(id).i);
      cols[static_cast<size_t>(last)].insert(graph.place(id).j);
    }
    for (size_t b = 0; b < rows.size(); ++b) {
      const Block size = order.zones[0].blocks[b].cut.size();
      EXPECT_EQ(size.rows, static_cast<int32_t>(rows[b].size()));
      EXPECT_EQ(size.cols, static_cast<int32_t>(cols[b].size()));
    }
  }
}

TEST(Order, BlocksOfEveryFamilyHoldTheirTasks) {
  for_each_with_blocks([](const TaskGraph& graph, const Order& order) {
    expect_complete(graph, order);
    for (const Order::Zone& zone : order.zones) {
      int32_t last = 0;
      for (const TaskId id : zone.tasks) {
        const int32_t block = order.turns[static_cast<size_t>(index(id))].block;
        EXPECT_GE(block, last);
        last = block;
      }
      EXPECT_EQ(static_cast<size_t>(last) + 1, zone.blocks.size());
    }
  });
}

TEST(Order, AChainStaysInItsZone) {
  for (const auto& [other, blocks] :
       {std::pair{false, false}, {true, false}, {false, true}, {true, true}}) {
    const TaskGraph graph = graph_of(Routine::Trsm, 12, 12, 12, other);
    Order order = order_tasks(graph, equal_zones(3));
    const Zone with_blocks{.share = 1, .blocks = 40, .streams = 2, .tasks = 24};
    if (blocks) order = order_tasks(graph, std::vector<Zone>(3, with_blocks));
    EXPECT_EQ(order.zones[0].blocks.empty(), !blocks);
    for (int32_t i = 0; i < graph.task_count(); ++i) {
      const TaskId before = graph.task(TaskId{i}).predecessor;
      if (before == TaskId::None) continue;
      const Turn mine = order.turns[static_cast<size_t>(i)];
      const Turn earlier = order.turns[static_cast<size_t>(index(before))];
      EXPECT_EQ(mine.zone, earlier.zone);
      EXPECT_LT(earlier.number, mine.number);
    }
  }
}

// With room for ten rows of tiles, bands are as high as leaves two columns room, and one is finished before the next begins.
TEST(Order, BandsAreAsHighAsMemoryAllows) {
  const int32_t kt = 20;
  const TaskGraph graph = graph_of(Routine::Gemm, 32, 32, kt);
  const Order order = order_tasks(graph, std::vector<Zone>{{1, int64_t{10} * kt + 5 * 4, 4}});
  ASSERT_TRUE(order.zones[0].tight);
  const auto& tasks = order.zones[0].tasks;
  std::set<int32_t> rows;
  for (size_t i = 0; i < 8 * 32; ++i) rows.insert(graph.task_groups(tasks[i])[0]);
  EXPECT_EQ(rows.size(), 8U);
  // Column by column.
  for (size_t i = 0; i < 8; ++i) EXPECT_EQ(graph.task_groups(tasks[i])[1], 32);
  EXPECT_FALSE(order_tasks(graph, equal_zones(1)).zones[0].tight);
}

TEST(Order, TheNextBandBeginsWhereTheLastEnded) {
  const TaskGraph graph = graph_of(Routine::Gemm, 16, 9, 4);
  const auto tasks = order_tasks(graph, equal_zones(1)).zones[0].tasks;
  for (size_t i = 1; i < tasks.size(); ++i) {
    const int32_t step = graph.task_groups(tasks[i])[1] - graph.task_groups(tasks[i - 1])[1];
    EXPECT_LE(std::abs(step), 1) << i;
  }
}

}  // namespace
}  // namespace blasx::tile
