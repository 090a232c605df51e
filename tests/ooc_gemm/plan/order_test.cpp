// SPDX-License-Identifier: Apache-2.0
#include "ooc_gemm/plan/order.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <random>
#include <utility>
#include <vector>

namespace {

using ooc_gemm::plan::block_at;
using ooc_gemm::plan::BlockIndex;
using ooc_gemm::plan::panel_at;
using ooc_gemm::plan::piece;
using ooc_gemm::plan::Plan;
using ooc_gemm::plan::Problem;
using ooc_gemm::plan::Traffic;
using ooc_gemm::plan::traffic;

// Two panels of an operand are in memory: another takes the place of the one that was used before the last.
class Slots {
 public:
  bool has(int64_t place, int64_t panel) {
    const std::pair now(place, panel);
    if (now != last_) std::swap(last_, before_);
    const bool there = now == last_;
    last_ = now;
    return there;
  }

 private:
  std::pair<int64_t, int64_t> last_{-1, -1};
  std::pair<int64_t, int64_t> before_{-1, -1};
};

// Walks the steps as a run does: a panel is read unless it is there.
Traffic walked(const Plan& plan, const std::vector<bool>& finished) {
  const Problem& p = plan.problem;
  Traffic sum;
  Slots a;
  Slots b;
  for (int64_t ordinal = 0; ordinal < plan.blocks(); ++ordinal) {
    if (finished[static_cast<size_t>(ordinal)]) continue;
    const BlockIndex block = block_at(plan, ordinal);
    const int64_t rows = piece(p.m, plan.mc, block.i).count;
    const int64_t cols = piece(p.n, plan.nc, block.j).count;
    for (int64_t step = 0; step < plan.panels(); ++step) {
      const int64_t q = panel_at(plan, ordinal, step);
      const int64_t a_panel = q / plan.a_products;
      const int64_t b_panel = q / plan.b_products;
      const int64_t a_depth = piece(p.k, plan.kc * plan.a_products, a_panel).count;
      const int64_t b_depth = piece(p.k, plan.kc * plan.b_products, b_panel).count;
      if (!a.has(block.i, a_panel)) sum.read_bytes += rows * a_depth * p.element_bytes;
      if (!b.has(block.j, b_panel)) sum.read_bytes += b_depth * cols * p.element_bytes;
    }
    sum.written_bytes += rows * cols * p.element_bytes;
    if (p.reads_c) sum.read_bytes += rows * cols * p.element_bytes;
  }
  return sum;
}

TEST(OrderTest, EveryBlockAndPanelOnce) {
  for (const bool by_columns : {false, true}) {
    const Plan plan{{10, 7, 5, 8, false, false, 0}, 3, 2, 2, by_columns};
    std::map<std::pair<int64_t, int64_t>, int> seen;
    for (int64_t o = 0; o < plan.blocks(); ++o) ++seen[{block_at(plan, o).i, block_at(plan, o).j}];
    EXPECT_EQ(seen.size(), 16U);
    for (const auto& [block, times] : seen) {
      EXPECT_EQ(times, 1);
      EXPECT_LT(block.first, 4);
      EXPECT_LT(block.second, 4);
    }
    EXPECT_EQ(panel_at(plan, 0, 0), 0);
    EXPECT_EQ(panel_at(plan, 1, 0), 2);
  }
}

TEST(OrderTest, NeighboursFollowEachOther) {
  const Plan plan{{9, 9, 9, 8, false, false, 0}, 2, 3, 9, false};
  for (int64_t o = 1; o < plan.blocks(); ++o) {
    const BlockIndex before = block_at(plan, o - 1);
    const BlockIndex now = block_at(plan, o);
    EXPECT_EQ(std::abs(before.i - now.i) + std::abs(before.j - now.j), 1) << o;
  }
}

TEST(OrderTest, TrafficIsThatOfTheSteps) {
  std::mt19937 random(7);
  const auto upto = [&](int64_t most) {
    return static_cast<int64_t>(random() % static_cast<uint64_t>(most)) + 1;
  };
  for (int round = 0; round < 2000; ++round) {
    const Problem problem{upto(20), upto(20), upto(20) - 1, 4, false, random() % 2 == 0, 0};
    Plan plan{problem, upto(problem.m), upto(problem.n), upto(std::max<int64_t>(problem.k, 1)),
              random() % 2 == 0};
    (random() % 2 == 0 ? plan.a_products : plan.b_products) = upto(4);
    std::vector<bool> finished(static_cast<size_t>(plan.blocks()));
    if (round % 2 == 1) {
      for (auto&& one : finished) one = random() % 3 == 0;
    }
    const auto is_finished = [&](int64_t o) {
      return static_cast<bool>(finished[static_cast<size_t>(o)]);
    };
    ASSERT_EQ(traffic(plan, is_finished), walked(plan, finished)) << "round " << round;
  }
}

}  // namespace
