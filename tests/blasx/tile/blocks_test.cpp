// SPDX-License-Identifier: Apache-2.0
#include "blasx/tile/blocks.hpp"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace blasx::tile
