// SPDX-License-Identifier: Apache-2.0
#include "blasx/tile/blocks.hpp"

#include <gtest/gtest.h>

#include <map>
#include <utility>

namespace blasx::tile {
namespace {

// A tile takes four times as long to come as a kernel on it, as tiles of 1024 do on an H200.
constexpr TileTimes kHurried{.kernel = 38e-6, .fetch = 152e-6, .home = 228e-6};

// Rows of A that are kept fetch less where they are short, or where memory holds many.
TEST(Blocks, NoneWhereRowsOfAFetchLess) {
  EXPECT_EQ(best_block({16, 16, 2}, {60, 4, 64}).block.tasks(), 0);
  EXPECT_EQ(best_block({16, 16, 16}, {290, 4, 64}).block.tasks(), 0);
  EXPECT_EQ(best_block({16, 16, 16}, {95, 4, 64}).tiles_fetched, 16 * (16 * 2 + 16 * 2));
}

// With memory for 1/4 of the matrices bands of 8 rows fetch less than blocks, but each begins by waiting for its rows of A, while
// arithmetic hides what blocks fetch more.
TEST(Blocks, FetchMoreWhereThatIsSooner) {
  const Tiles tiles{16, 16, 16};
  const BlockPlan fewest = best_block(tiles, {192, 4, 64});
  EXPECT_EQ(fewest.block.tasks(), 0);
  const BlockPlan soonest = best_block(tiles, {192, 4, 64, kHurried});
  EXPECT_EQ(soonest.block.rows, 8);
  EXPECT_EQ(soonest.block.cols, 8);
  EXPECT_GT(soonest.tiles_fetched, fewest.tiles_fetched);
  EXPECT_GE(soonest.seconds, 16 * 16 * 16 * kHurried.kernel);
}

// Where kernels outlast the way of tiles nothing waits for them.
TEST(Blocks, FetchLeastWhereNothingWaits) {
  const TileTimes slow{.kernel = 2e-3, .fetch = 0.8e-3, .home = 1.2e-3};
  EXPECT_EQ(best_block({16, 16, 16}, {192, 4, 64, slow}).block.tasks(), 0);
  // By the estimate bands would be done a little sooner here, for three times the bytes.
  const BlockPlan fewest = best_block({8, 8, 16}, {64, 4, 64});
  EXPECT_EQ(fewest.block.tasks(), 32);
  EXPECT_EQ(best_block({8, 8, 16}, {64, 4, 64, slow}).tiles_fetched, fewest.tiles_fetched);
}

TEST(Blocks, MoreMemoryIsNeverSlower) {
  for (const TileTimes times : {kHurried, TileTimes{38e-6, 328e-6, 492e-6}}) {
    for (const Tiles tiles : {Tiles{16, 16, 16}, Tiles{23, 9, 12}, Tiles{5, 40, 3}}) {
      double last = 0;
      for (int64_t blocks = 20; blocks <= 800; blocks += 4) {
        const double seconds = best_block(tiles, {blocks, 4, 64, times}).seconds;
        if (last > 0) {
          EXPECT_LE(seconds, last) << blocks;
        }
        last = seconds;
      }
    }
  }
}

constexpr Form kForms[] = {Form::Rectangle,   Form::Triangle, Form::OwnTriangle,
                           Form::TwoTriangle, Form::Replaced, Form::Solved};

TEST(Blocks, EveryTileLiesInOne) {
  for (const Form form : kForms) {
    for (const auto& [mt, nt] : {std::pair{9, 9}, {7, 13}, {1, 5}}) {
      for (const Block size : {Block{4, 4}, Block{3, 3}, Block{20, 20}}) {
        std::map<std::pair<int32_t, int32_t>, int> seen;
        const Tiles tiles{mt, nt, 5, form};
        visit_blocks(tiles, size, [&](const BlockCut& cut) {
          for (int32_t i = cut.top; i < cut.bottom; ++i) {
            for (int32_t j = cut.left; j < cut.right; ++j) {
              if (!cut.diagonal || j <= i) ++seen[{i, j}];
            }
          }
        });
        const int32_t first = is_triangle(form) ? nt - mt : 0;
        size_t expected = 0;
        for (int32_t i = first; i < first + mt; ++i) {
          for (int32_t j = 0; j < (is_triangle(form) ? i + 1 : nt); ++j, ++expected) {
            EXPECT_EQ((seen[{i, j}]), 1) << static_cast<int>(form) << ": " << i << " " << j;
          }
        }
        EXPECT_EQ(seen.size(), expected);
      }
    }
  }
}

BlockPlan plan_for(Form form, int64_t blocks = 95) {
  return best_block({16, 16, 16, form}, {blocks, 4, 64, kHurried});
}

// Memory for 8 x 8 tiles of C and what streams past. Half a square's products need half of what a square's do where rows and columns
// read the same matrix, twice that where they read two; blocks on the diagonal of gemmt read as much as others for half of it.
TEST(Blocks, OfATriangleFetchInProportion) {
  const double square = plan_for(Form::Rectangle).tiles_fetched;
  EXPECT_EQ(square, 16 * (16 * 2 + 16 * 2));
  EXPECT_EQ(plan_for(Form::OwnTriangle).tiles_fetched, square / 2);
  EXPECT_EQ(plan_for(Form::TwoTriangle).tiles_fetched, square);
  EXPECT_EQ(plan_for(Form::Triangle).tiles_fetched, square * 3 / 4);
}

// Blocks that are alike are counted, not visited: it comes to the same where sides are no multiples of a block's.
TEST(Blocks, FetchWhatEachOfThemFetches) {
  for (const Form form : {Form::Rectangle, Form::Triangle, Form::OwnTriangle}) {
    for (const auto& [mt, nt] : {std::pair{17, 17}, {16, 16}, {11, 23}, {19, 40}, {5, 9}}) {
      const Tiles tiles{mt, nt, 13, form};
      const BlockPlan plan = best_block(tiles, {50, 2, 64, kHurried});
      ASSERT_GT(plan.block.tasks(), 2);
      int32_t lines = 0;
      visit_blocks(tiles, plan.block, [&](const BlockCut& cut) {
        const bool once = cut.diagonal && form == Form::OwnTriangle;
        lines += cut.size().rows + (once ? 0 : cut.size().cols);
      });
      EXPECT_EQ(plan.tiles_fetched, 13 * lines) << static_cast<int>(form) << " " << mt << " " << nt;
    }
  }
}

// Four blocks: C once, the triangle for each half of the chains, and for the lower halves the upper ones' tiles.
TEST(Blocks, OfChainsFetchWhatTheyFollowOnce) {
  for (const Form form : {Form::Replaced, Form::Solved}) {
    const BlockPlan plan = plan_for(form);
    EXPECT_EQ(plan.block, (Block{8, 8}));
    EXPECT_EQ(plan.tiles_fetched, 16 * 16 + 2 * (16 * 17 / 2) + 2 * 8 * 8);
  }
}

// Nothing is fetched twice then, and tasks need not wait for each other.
TEST(Blocks, NoneWhereWhatIsReadStays) {
  EXPECT_EQ(plan_for(Form::OwnTriangle, 16 * 16 + 4).block.tasks(), 0);
  EXPECT_GT(plan_for(Form::OwnTriangle, 16 * 16).block.tasks(), 0);
  const Tiles chains{8, 8, 8, Form::Solved};
  EXPECT_TRUE(inputs_stay(chains, {8 * 9 + 4, 4}));
  EXPECT_FALSE(inputs_stay(chains, {8 * 9, 4}));
  EXPECT_FALSE(inputs_stay({8, 16, 8, Form::Solved}, {1000, 4})) << "not all are walked together";
}

// Neither can tasks share what they read at different times, nor is there anything to wait for where kernels are slow.
TEST(Blocks, NoneWhereNothingIsShared) {
  EXPECT_EQ(best_block({16, 16, 16, Form::Apart}, {95, 4, 64}).block.tasks(), 0);
  const TileTimes slow{.kernel = 2e-3, .fetch = 0.8e-3, .home = 1.2e-3};
  EXPECT_EQ(best_block({16, 16, 16, Form::OwnTriangle}, {95, 4, 64, slow}).block.tasks(), 0);
}

// Solves are slow in small tiles, and an estimate that forgot it would choose them.
TEST(Blocks, SolvesCount) {
  const auto seconds = [](double solve) {
    const TileTimes times{.kernel = 38e-6, .fetch = 60e-6, .home = 60e-6, .solve = solve};
    return best_block({16, 16, 16, Form::Solved}, {95, 4, 64, times}).seconds;
  };
  EXPECT_GE(seconds(51e-6), seconds(0) + 0.9 * 16 * 16 * 51e-6);
}

}  // namespace
}  // namespace blasx::tile
