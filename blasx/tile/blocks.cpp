// SPDX-License-Identifier: Apache-2.0
#include "blasx/tile/blocks.hpp"

#include <algorithm>
#include <limits>

namespace blasx::tile {
namespace {

constexpr int32_t kBlocksOfTask = 3;  // C, one that is being stored, and what comes early
// As the scheduler has it: a task does its last steps at once, and where one block follows another those that begin are
// so many ahead of those that wait for room.
constexpr int32_t kLastSteps = 2;
constexpr int32_t kStepsOfChange = kLastSteps + 3;

double as_double(int64_t a) { return static_cast<double>(a); }

// Tiles of A and B that are fetched where C is cut into such parts.
double tiles_fetched(Tiles t, int32_t rows, int32_t cols) {
  return as_double(t.kt) *
         (as_double(t.mt) * divide_up(t.nt, cols) + as_double(t.nt) * divide_up(t.mt, rows));
}

// Each band begins with its rows of A, for which its first column has too little to do. Of each column after it as many tasks as
// there are streams wait for its tiles or these for them; the others then find them all. The last result's way home is left.
double seconds_in_bands(Tiles t, int32_t height, int32_t streams, TileTimes times) {
  const double bands = divide_up(t.mt, height);
  const int32_t begun = std::min(height, streams);
  const double first = std::max((height + 1) * times.fetch, height * times.kernel);
  const double next = std::max(times.fetch, begun * times.kernel) + (height - begun) * times.kernel;
  const double all = bands * t.kt * (first + (t.nt - 1) * next);
  return std::max(all, as_double(t.mt) * t.nt * times.home) + times.home;
}

// A step of a block takes as long as its kernels or as its tiles' way. Where one block follows another its results leave while so
// many steps are done as are then under way, at the end beside the last ones only. The first kernels wait for their tiles,
// and the link, at each change, for the first result to leave.
double seconds_in_blocks(Tiles t, Block block, double fetched, TileTimes times) {
  const double blocks = as_double(divide_up(t.mt, block.rows)) * divide_up(t.nt, block.cols);
  const double tasks = as_double(t.mt) * t.nt;
  const double link =
      fetched * times.fetch + (blocks - 1) * (kLastSteps * times.kernel + times.home);
  const double step = std::max(tasks * t.kt * times.kernel, link) / t.kt;  // of all blocks
  const int32_t of_change = std::min(t.kt, kStepsOfChange), last = std::min(t.kt, kLastSteps);
  const double begin = times.fetch * std::max(2.0, times.fetch / times.kernel);
  const double changes = (1 - 1 / blocks) * std::max(of_change * step, tasks * times.home);
  const double end =
      ((of_change - last) * step + std::max(last * step, tasks * times.home)) / blocks;
  return begin + (t.kt - of_change) * step + changes + end + times.home;
}

}  // namespace

int64_t panels_kept(int64_t blocks, int32_t streams, int32_t panel) {
  return (blocks - int64_t{kBlocksOfTask} * streams) / std::max(1, panel);
}

BlockPlan best_block(Tiles tiles, const Room& room) {
  if (tiles.mt < 1 || tiles.nt < 1) return {};
  const TileTimes times = room.times;
  const bool by_time = times.known() && times.fetch > times.kernel;
  constexpr double kNever = std::numeric_limits<double>::infinity();
  BlockPlan best{{}, kNever, kNever};
  // Two columns stream past.
  const int64_t kept = panels_kept(room.blocks, room.streams, tiles.kt) - 2;
  if (kept >= 1) {
    const int32_t height = even_part(tiles.mt, static_cast<int32_t>(kept));
    best.tiles_fetched = tiles_fetched(tiles, height, tiles.nt);
    best.seconds = seconds_in_bands(tiles, height, room.streams, times);
  }
  for (int32_t h = 1; h <= std::min(tiles.mt, room.tasks); ++h) {
    // So wide that the block and its inputs, 3/2 (h + width), fit.
    const int64_t width = (2 * room.blocks - 3 * int64_t{h}) / (2 * h + 3);
    const int64_t widest = std::min<int64_t>({width, room.tasks / h, tiles.nt});
    if (widest < 1) break;
    BlockPlan plan;
    plan.block = {even_part(tiles.mt, h), even_part(tiles.nt, static_cast<int32_t>(widest))};
    plan.tiles_fetched = tiles_fetched(tiles, plan.block.rows, plan.block.cols);
    if (times.known())
      plan.seconds = seconds_in_blocks(tiles, plan.block, plan.tiles_fetched, times);
    const bool less = plan.tiles_fetched < best.tiles_fetched;
    const bool better =
        by_time ? plan.seconds < best.seconds || (plan.seconds == best.seconds && less) : less;
    if (better) best = plan;
  }
  if (best.block.tasks() <= room.streams) best.block = {};
  return best;
}

}  // namespace blasx::tile
