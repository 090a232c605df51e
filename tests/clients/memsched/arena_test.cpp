// SPDX-License-Identifier: Apache-2.0
#include "clients/memsched/plan/arena.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace {

using memsched::Arena;

TEST(Arena, TakesTheLowestHoleThatFits) {
  Arena arena(640);
  EXPECT_EQ(arena.allocate(100), 0);
  EXPECT_EQ(arena.allocate(64), 128);
  EXPECT_EQ(arena.allocate(1), 192);
  arena.release(128);
  EXPECT_EQ(arena.allocate(65), 256);
  EXPECT_EQ(arena.allocate(64), 128);
  EXPECT_EQ(arena.high_water_bytes(), 384);
  EXPECT_EQ(arena.free_bytes(), 256);
  EXPECT_FALSE(arena.allocate(257));
}

TEST(Arena, NeighboursBecomeOne) {
  for (const std::vector<int>& order :
       {std::vector<int>{0, 1, 2}, {2, 1, 0}, {0, 2, 1}, {1, 0, 2}}) {
    Arena arena(192);
    for (int i = 0; i < 3; ++i) ASSERT_EQ(arena.allocate(64), 64 * i);
    for (const int i : order) arena.release(int64_t{64} * i);
    EXPECT_EQ(arena.largest_free_bytes(), 192);
    EXPECT_EQ(arena.allocate(192), 0);
  }
}

TEST(Arena, ReleaseOfWhatIsNotInUse) {
  Arena arena(192);
  EXPECT_THROW(arena.release(0), std::logic_error);
}

TEST(Arena, CompactsTheCheapestStretch) {
  Arena arena(64 * 10);
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(arena.allocate(64));
  for (const int i : {1, 6, 8}) arena.release(int64_t{64} * i);  // 0 _ 2 3 4 5 _ 7 _ 9
  EXPECT_FALSE(arena.allocate(128));
  const auto moves = arena.compact(128);
  ASSERT_EQ(moves.size(), 1U);
  EXPECT_EQ(moves[0].from, 64 * 7);
  EXPECT_EQ(moves[0].to, 64 * 6);
  EXPECT_EQ(arena.allocate(128), 64 * 7);
  EXPECT_TRUE(arena.compact(128).empty());  // 64 bytes are left
}

TEST(Arena, RandomUseNeverOverlaps) {
  std::mt19937 random(7);
  Arena arena(1 << 16);
  struct Block {
    int64_t offset, bytes;
  };
  std::vector<Block> blocks;
  for (int i = 0; i < 20000; ++i) {
    const int64_t bytes = 1 + static_cast<int64_t>(random() % 5000);
    if (const auto offset = arena.allocate(bytes)) {
      for (const Block& b : blocks)
        ASSERT_TRUE(*offset + bytes <= b.offset || b.offset + b.bytes <= *offset);
      blocks.push_back({*offset, bytes});
    } else if (arena.free_bytes() >= bytes + 64) {
      for (const auto& move : arena.compact(bytes))
        std::find_if(blocks.begin(), blocks.end(), [&](const Block& b) {
          return b.offset == move.from;
        })->offset = move.to;
      ASSERT_GE(arena.largest_free_bytes(), bytes);
    } else {
      const size_t i_out = random() % blocks.size();
      arena.release(blocks[i_out].offset);
      blocks.erase(blocks.begin() + static_cast<int64_t>(i_out));
    }
  }
}

}  // namespace
