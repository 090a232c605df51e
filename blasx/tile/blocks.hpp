// SPDX-License-Identifier: Apache-2.0
// Where a device's memory does not hold what it reads: blocks of C whose tasks advance together, or bands of C whose rows of A
// are kept, whichever is done sooner. Pure.
// Sources: Kwasniewski et al. (SC 2019) for how few bytes must move; Beaumont et al. (SPAA 2022) for what symmetry saves.
#pragma once

#include <cstdint>
#include <functional>

#include "blasx/tile/layout.hpp"

namespace blasx::tile {

// Of tasks that advance together: each does its last steps at once, so that results leave one after another while others still compute.
inline constexpr int32_t kLastSteps = 2;
// Some get so many steps ahead of the rearmost, as those do that begin before others have room.
inline constexpr int32_t kMostAhead = 3;

// Tiles of C whose tasks advance together, step by step: while they stay, what they read streams past, and each tile of A or B serves
// a whole row or column of them.
struct Block {
  int32_t rows = 0, cols = 0;  // 0: no blocks
  int32_t tasks() const { return rows * cols; }
  // Of one step and half the next.
  int32_t input_tiles() const { return (rows + cols) * 3 / 2; }
  bool operator==(const Block&) const = default;
};

// Seconds that a device takes for a whole tile; 0: not known.
struct TileTimes {
  double kernel = 0;
  double fetch = 0;  // from home, of a tile that is read
  double home = 0;   // of a result
  double solve = 0;  // what a solve's kernel takes longer than another
  bool known() const { return kernel > 0 && fetch > 0; }
};

// mt x nt tiles of C, kt steps each. Of a triangle: its rows [nt - mt, nt). Of chains: mt positions of nt chains.
struct Tiles {
  int32_t mt = 0, nt = 0, kt = 0;
  Form form = Form::Rectangle;
};

struct Room {
  int64_t blocks = 0;  // of the device's arena
  int32_t streams = 1;
  int32_t tasks = 1;  // that it may have under way
  TileTimes times = {};
  int32_t blocks_of_output = 1;  // that a tile of C takes
};

struct BlockPlan {
  Block block;
  double tiles_fetched = 0;
  double seconds = 0;  // where times are known
};

// The block with which the device is done soonest, or none if it is better kept to bands. Where times are not known, or a kernel
// outlasts the way of a tile so that nothing waits for the link, what fetches least.
BlockPlan best_block(Tiles tiles, const Room& room);

// One block: rows [top, bottom) and columns [left, right) of C, of chains positions and chains. A triangle's rows and columns are numbered
// from its first column on.
struct BlockCut {
  int32_t top = 0, bottom = 0, left = 0, right = 0;
  bool diagonal = false;  // only the tiles with column <= row
  Block size() const { return {bottom - top, right - left}; }
  bool operator==(const BlockCut&) const = default;
};
// All blocks of about that size in the order in which they are taken: bands of blocks to and fro, chains from their heads on.
void visit_blocks(const Tiles& tiles, Block size,
                  const std::function<void(const BlockCut&)>& visit);

// The device's memory holds what is read until nobody reads it any more, without blocks.
bool inputs_stay(const Tiles& tiles, const Room& room);

// Rows of tiles that an arena keeps, beside what its tasks work on. A row of C needs one of A, a column one of B.
int64_t panels_kept(int64_t blocks, int32_t streams, int32_t panel);

constexpr int32_t divide_up(int32_t a, int32_t b) { return (a + b - 1) / b; }
// Parts of at most `most`, all as large.
constexpr int32_t even_part(int32_t length, int32_t most) {
  return divide_up(length, divide_up(length, most > 1 ? most : 1));
}

}  // namespace blasx::tile
