// SPDX-License-Identifier: Apache-2.0
#include "blasx/tile/blocks.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>
#include <vector>

namespace blasx::tile {
namespace {

constexpr int32_t kBlocksOfTask = 3;  // C, one that is being stored, and what comes early

double as_double(int64_t a) { return static_cast<double>(a); }

// What is to be done for some tiles of C, in tiles fetched and kernels of whole tiles.
struct Work {
  double tasks = 0;
  double kernels = 0;
  double solves = 0;
  double fetched = 0;
  int32_t steps = 0;      // one after another
  int32_t ends_over = 0;  // of them, those in which results become ready
};

// Of chains: what their positions [top, bottom) read of the triangle; each chain does as many steps.
double triangle_tiles(const Tiles& t, int32_t top, int32_t bottom) {
  if (t.form == Form::Solved) return as_double(triangle(bottom) - triangle(top));
  return as_double(triangle(t.mt - top) - triangle(t.mt - bottom));
}

Work work_of(const Tiles& t, const BlockCut& cut) {
  const double rows = cut.size().rows, cols = cut.size().cols;
  Work w;
  if (is_chain(t.form)) {
    const bool solved = t.form == Form::Solved;
    const double steps = triangle_tiles(t, cut.top, cut.bottom);
    w.tasks = rows * cols;
    w.kernels = steps * cols;
    w.solves = solved ? rows * cols : 0;
    w.fetched = steps + cols * (solved ? cut.bottom : t.mt - cut.top);
    w.steps = solved ? cut.bottom : t.mt - cut.top;
    w.ends_over = solved ? cut.size().rows : kLastSteps;
    return w;
  }
  const int32_t twice = t.form == Form::TwoTriangle ? 2 : 1;
  const bool one_side = cut.diagonal && t.form != Form::Triangle;  // rows and columns read the same
  // Of a diagonal tile the triangle is computed only, unless its kernel is gemm's.
  const double tasks = cut.diagonal ? as_double(triangle(cut.size().rows)) : rows * cols;
  const double computed = one_side ? rows * rows / 2 : tasks;
  w.tasks = tasks;
  w.kernels = twice * t.kt * computed;
  w.fetched = twice * t.kt * (one_side ? rows : rows + cols);
  w.steps = twice * t.kt;
  w.ends_over = kLastSteps;
  return w;
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
class TimeOfBlocks {
 public:
  // Room that a result leaves is another's C's only where tiles are thin; then fewer steps get ahead meanwhile.
  explicit TimeOfBlocks(const Room& room)
      : times_(room.times), ahead_(room.blocks_of_output > 1 ? kMostAhead - 1 : kMostAhead) {}
  // So many such blocks.
  void add(const Work& w, int64_t count) {
    if (any_) seconds_ += with_change();
    const double waits = kLastSteps * times_.kernel + times_.home;
    last_ = w;
    step_ = step_of(w, any_ ? waits : 0);
    any_ = true;
    if (count == 1) return;
    seconds_ += with_change();
    step_ = step_of(w, waits);
    seconds_ += as_double(count - 2) * with_change();
  }
  double seconds() const {
    const double begin = times_.fetch * std::max(2.0, times_.fetch / times_.kernel);
    const int32_t over = std::min(last_.steps, last_.ends_over);
    const double end =
        (last_.steps - over) * step_ + std::max(over * step_, last_.tasks * times_.home);
    return begin + seconds_ + end + times_.home;
  }

 private:
  int32_t change(const Work& w) const { return std::min(w.steps, w.ends_over + ahead_); }
  double step_of(const Work& w, double waits) const {
    const double arithmetic = w.kernels * times_.kernel + w.solves * times_.solve;
    return std::max(arithmetic, w.fetched * times_.fetch + waits) / std::max(1, w.steps);
  }
  // Of the last one, followed by another.
  double with_change() const {
    const int32_t of_change = change(last_);
    return (last_.steps - of_change) * step_ +
           std::max(of_change * step_, last_.tasks * times_.home);
  }

  TileTimes times_;
  int32_t ahead_;
  double seconds_ = 0, step_ = 0;
  Work last_;
  bool any_ = false;
};

// Parts of one dimension: those that are alike, and the last.
struct Parts {
  int32_t length = 0, part = 0;
  int32_t count() const { return divide_up(length, part); }
  int32_t last() const { return length - (count() - 1) * part; }
};

// Calls look(cut, count) for blocks that are alike, the last of visit_blocks last.
template <typename F>
void each_kind_of_block(const Tiles& t, Block size, const F& look) {
  const Parts rows{t.mt, size.rows};
  if (is_chain(t.form)) {
    const Parts chains{t.nt, size.cols};
    for (const auto& [width, count] :
         {std::pair{chains.part, chains.count() - 1}, {chains.last(), 1}}) {
      for (int32_t top = 0; count > 0 && top < t.mt; top += size.rows)
        look(BlockCut{top, std::min(top + size.rows, t.mt), 0, width}, count);
    }
    return;
  }
  const bool triangle = is_triangle(t.form);
  const int32_t before = triangle ? t.nt - t.mt : t.nt;
  const Parts cols{before, triangle ? even_part(std::max(1, before), size.cols) : size.cols};
  struct Kind {
    int32_t width;
    int64_t count;
    bool diagonal;
  };
  const auto bands = [&](int32_t height, int64_t count, int64_t whole, bool back) {
    std::array<Kind, 4> kinds{{{cols.part, before > 0 ? count * (cols.count() - 1) : 0, false},
                               {cols.last(), before > 0 ? count : 0, false},
                               {size.rows, triangle ? whole : 0, false},
                               {height, triangle ? count : 0, true}}};
    if (back) std::reverse(kinds.begin(), kinds.end());
    for (const Kind& kind : kinds) {
      if (kind.count > 0) look(BlockCut{0, height, 0, kind.width, kind.diagonal}, kind.count);
    }
  };
  // A band has as many whole blocks before its diagonal as there are bands before it.
  const int64_t above = rows.count() - 1;
  if (above > 0) bands(rows.part, above, above * (above - 1) / 2, before == 0);
  bands(rows.last(), 1, above, above % 2 != 0);
}

BlockPlan plan_of(const Tiles& tiles, Block block, const Room& room) {
  BlockPlan plan;
  plan.block = block;
  TimeOfBlocks time(room);
  each_kind_of_block(tiles, block, [&](const BlockCut& cut, int64_t count) {
    const Work work = work_of(tiles, cut);
    plan.tiles_fetched += as_double(count) * work.fetched;
    time.add(work, count);
  });
  if (room.times.known()) plan.seconds = time.seconds();
  return plan;
}

// Without blocks.
BlockPlan plan_of_bands(const Tiles& tiles, const Room& room) {
  constexpr double kNever = std::numeric_limits<double>::infinity();
  if (tiles.form != Form::Rectangle) return {{}, kNever, kNever};
  // Two columns stream past.
  const int64_t kept = panels_kept(room.blocks, room.streams, tiles.kt) - 2;
  if (kept < 1) return {{}, kNever, kNever};
  const int32_t height = even_part(tiles.mt, static_cast<int32_t>(kept));
  const double fetched =
      as_double(tiles.kt) * (tiles.mt + as_double(tiles.nt) * divide_up(tiles.mt, height));
  return {{}, fetched, seconds_in_bands(tiles, height, room.streams, room.times)};
}

void visit_chains(const Tiles& tiles, Block size,
                  const std::function<void(const BlockCut&)>& visit) {
  for (int32_t left = 0; left < tiles.nt; left += size.cols) {
    for (int32_t top = 0; top < tiles.mt; top += size.rows) {
      visit({top, std::min(top + size.rows, tiles.mt), left, std::min(left + size.cols, tiles.nt)});
    }
  }
}

}  // namespace

void visit_blocks(const Tiles& tiles, Block size,
                  const std::function<void(const BlockCut&)>& visit) {
  if (is_chain(tiles.form)) return visit_chains(tiles, size, visit);
  const bool triangle = is_triangle(tiles.form);
  // A triangle's columns before its first row are cut evenly, the others as its rows.
  const int32_t first = triangle ? tiles.nt - tiles.mt : 0;
  const int32_t before = triangle ? first : tiles.nt;
  const int32_t width = triangle ? even_part(std::max(1, before), size.cols) : size.cols;
  std::vector<BlockCut> band;
  bool back = false;
  for (int32_t top = first; top < first + tiles.mt; top += size.rows, back = !back) {
    const int32_t bottom = std::min(top + size.rows, first + tiles.mt);
    band.clear();
    for (int32_t left = 0; left < before; left += width)
      band.push_back({top, bottom, left, std::min(left + width, before)});
    for (int32_t left = first; triangle && left <= top; left += size.rows)
      band.push_back({top, bottom, left, std::min(left + size.rows, bottom), left == top});
    if (back) std::reverse(band.begin(), band.end());
    for (const BlockCut& cut : band) visit(cut);
  }
}

bool inputs_stay(const Tiles& t, const Room& room) {
  const double rows = t.mt, cols = t.nt;
  double held = (rows + cols) * t.kt;
  if (t.form == Form::OwnTriangle) held = cols * t.kt;
  if (t.form == Form::TwoTriangle) held = 2 * cols * t.kt;
  // A row of the triangle may go once all chains have come to it, if all are walked together.
  if (is_chain(t.form)) {
    if (t.nt > 2 * room.streams) return false;
    held = rows * (cols + 1);
  }
  return held <= as_double(room.blocks - room.streams);
}

int64_t panels_kept(int64_t blocks, int32_t streams, int32_t panel) {
  return (blocks - int64_t{kBlocksOfTask} * streams) / std::max(1, panel);
}

BlockPlan best_block(Tiles tiles, const Room& room) {
  if (tiles.mt < 1 || tiles.nt < 1 || tiles.form == Form::Apart) return {};
  const TileTimes times = room.times;
  const bool by_time = times.known() && times.fetch > times.kernel;
  if (tiles.form != Form::Rectangle && times.known() && (!by_time || inputs_stay(tiles, room)))
    return {};
  BlockPlan best = plan_of_bands(tiles, room);
  for (int32_t h = 1; h <= std::min(tiles.mt, room.tasks); ++h) {
    // So wide that the block and its inputs, 3/2 (h + width), fit.
    const int64_t width =
        (2 * room.blocks - 3 * int64_t{h}) / (2 * int64_t{h} * room.blocks_of_output + 3);
    const int64_t widest = std::min<int64_t>({width, room.tasks / h, tiles.nt});
    if (widest < 1) break;
    Block block{even_part(tiles.mt, h), even_part(tiles.nt, static_cast<int32_t>(widest))};
    if (is_triangle(tiles.form)) {
      if (widest < h) break;
      block.cols = block.rows;
    }
    const BlockPlan plan = plan_of(tiles, block, room);
    const bool less = plan.tiles_fetched < best.tiles_fetched;
    const bool better =
        by_time ? plan.seconds < best.seconds || (plan.seconds == best.seconds && less) : less;
    if (better) best = plan;
  }
  if (best.block.tasks() <= room.streams) best.block = {};
  return best;
}

}  // namespace blasx::tile
