// SPDX-License-Identifier: Apache-2.0
#include "blasx/tile/order.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

namespace blasx::tile {
namespace {

// Tiles of C: rows [top, bottom), columns [left, right).
struct Cells {
  int32_t top = 0, bottom = 0, left = 0, right = 0;
  int32_t rows() const { return bottom - top; }
  int32_t cols() const { return right - left; }
};

// The border between tiles nearest to an element, as if all were whole: none among the first of the finer ones.
int32_t border(const Cut& cut, double element) {
  const double away = std::abs(element - static_cast<double>(cut.begin(cut.whole)));
  const bool at_finer = cut.whole < cut.count() && 2 * away < static_cast<double>(cut.edge);
  return static_cast<int32_t>(at_finer ? cut.whole : cut.nearest(element));
}

// Parts of a length in proportion to the shares, as borders: shares.size() + 1 of them. `reach` says up to which part of the
// length a part of the work goes.
template <typename Reach>
std::vector<int32_t> borders(const Cut& cut, std::span<const Zone> zones, Reach&& reach) {
  double all = 0, so_far = 0;
  for (const Zone& zone : zones) all += zone.share;
  std::vector<int32_t> at{0};
  for (const Zone& zone : zones) {
    so_far += zone.share;
    at.push_back(
        std::max(at.back(), border(cut, static_cast<double>(cut.size) * reach(so_far / all))));
  }
  at.back() = static_cast<int32_t>(cut.count());
  return at;
}

// Halves the zones and, across its longer side, the rectangle.
void halve(const Grid& grid, Cells cells, std::span<const Zone> zones, std::vector<Cells>& out) {
  if (zones.size() == 1) {
    out.push_back(cells);
    return;
  }
  const auto first = zones.first(zones.size() / 2), second = zones.subspan(zones.size() / 2);
  const auto sum = [](std::span<const Zone> of) {
    return std::accumulate(of.begin(), of.end(), 0.0,
                           [](double s, const Zone& z) { return s + z.share; });
  };
  const double part = sum(first) / (sum(first) + sum(second));
  const auto between = [&](const Cut& cut, int32_t from, int32_t to) {
    const auto begin = static_cast<double>(cut.begin(from));
    const double at = begin + part * (static_cast<double>(cut.begin(to)) - begin);
    return std::clamp(border(cut, at), from, to);
  };
  Cells one = cells, two = cells;
  if (cells.rows() > cells.cols()) {
    one.bottom = two.top = between(grid.rows, cells.top, cells.bottom);
  } else {
    one.right = two.left = between(grid.cols, cells.left, cells.right);
  }
  halve(grid, one, first, out);
  halve(grid, two, second, out);
}

// Of lines [begin, end) those before the finer ones or those after, where line i lies.
struct Section {
  int32_t begin = 0, end = 0;
};
Section section(int32_t begin, int32_t end, const Cut& cut, int32_t i) {
  const auto whole = static_cast<int32_t>(cut.whole);
  return i < whole ? Section{begin, std::min(end, whole)} : Section{std::max(begin, whole), end};
}

// Rows of a zone's bands: what a band reads of A stays, while columns stream past, two of them at a time.
int32_t band(const Zone& zone, int32_t rows, int64_t kept, bool tight) {
  const auto square = static_cast<int32_t>(std::lround(std::sqrt(zone.tasks)));
  // Where every column stays too, low bands begin sooner: fewer tiles have to be there first.
  if (!tight) return even_part(std::max(1, rows), std::max(kBand, square));
  const auto most =
      static_cast<int32_t>(std::clamp<int64_t>(kept - 2, kBand, std::max(kBand, rows)));
  return even_part(std::max(1, rows), most);
}

// The number of a cell in bands of `height` rows, each walked column by column, to and fro.
int32_t in_bands(const Cells& cells, int32_t height, int32_t i, int32_t j) {
  const int32_t number = (i - cells.top) / height;
  const int32_t first = cells.top + number * height;
  const int32_t rows = std::min(height, cells.bottom - first);
  const int32_t column = number % 2 == 0 ? j - cells.left : cells.right - 1 - j;
  return number * height * cells.cols() + column * rows + (i - first);
}

// Of the cells before the finer ones and of those after: the part in which a cell lies, and what comes before it. One of the two
// sides has finer tiles, not both.
struct Part {
  Cells cells;
  int32_t cells_before = 0;
};
Part part_of(const Grid& grid, const Cells& all, int32_t i, int32_t j) {
  const Section rows = section(all.top, all.bottom, grid.rows, i);
  const Section cols = section(all.left, all.right, grid.cols, j);
  Part part{{rows.begin, rows.end, cols.begin, cols.end}};
  part.cells_before = (rows.begin - all.top) * all.cols() + (cols.begin - all.left) * all.rows();
  return part;
}

// The same for rows [begin, end) of a lower triangle: a column is there from its diagonal down.
int32_t in_triangle(Section zone, const Cut& cut, int32_t height, int32_t i, int32_t j) {
  const Section part = section(zone.begin, zone.end, cut, i);
  const int32_t first = part.begin + (i - part.begin) / height * height;
  const int64_t rows = std::min(height, part.end - first);
  const int64_t inside = std::max(0, j - first);  // columns before j that do not have all rows
  const int64_t before = int64_t{std::min(j, first)} * rows + inside * rows - triangle(inside - 1);
  const int64_t row = i - std::max(first, j);
  return static_cast<int32_t>(triangle(first) - triangle(zone.begin) + before + row);
}

// Where a cut of the finer tiles or of those before them begins.
Section before_finer(int32_t begin, int32_t end, const Cut& cut) {
  return {begin, std::clamp(static_cast<int32_t>(cut.whole), begin, end)};
}

// Numbers a zone's blocks and the tasks in them, column by column.
class Blocks {
 public:
  Blocks(const TaskGraph& graph, Order& order) : graph_(graph), grid_(graph.grid()), order_(order) {
    cols_ = is_chain(grid_.form) ? grid_.chains.lanes : grid_.nt;
    const int32_t rows = is_chain(grid_.form) ? grid_.chains.length : grid_.mt;
    tasks_.resize(static_cast<size_t>(rows) * static_cast<size_t>(cols_), TaskId::None);
    for (int32_t t = 0; t < graph.task_count(); ++t) {
      const Spot spot = spot_of(grid_, graph.place(TaskId{t}));
      tasks_[at(spot.i, spot.j)] = TaskId{t};
    }
  }

  // Those before the finer tiles first.
  void number(int32_t zone, const Cells& cells) {
    const bool chains = is_chain(grid_.form);
    const Cut& cut_of_cols = chains && !grid_.chains.along_rows ? grid_.rows : grid_.cols;
    const int32_t middle_row =
        chains ? cells.bottom : before_finer(cells.top, cells.bottom, grid_.rows).end;
    const int32_t middle_col = is_triangle(grid_.form)
                                   ? cells.right
                                   : before_finer(cells.left, cells.right, cut_of_cols).end;
    add(zone, {cells.top, middle_row, cells.left, middle_col});
    if (middle_row < cells.bottom) add(zone, {middle_row, cells.bottom, cells.left, cells.right});
    if (middle_col < cells.right) add(zone, {cells.top, middle_row, middle_col, cells.right});
  }

 private:
  size_t at(int32_t i, int32_t j) const {
    return static_cast<size_t>(i) * static_cast<size_t>(cols_) + static_cast<size_t>(j);
  }

  void add(int32_t zone_number, const Cells& cells) {
    Order::Zone& zone = order_.zones[static_cast<size_t>(zone_number)];
    const bool triangle = is_triangle(grid_.form);
    const Tiles tiles{cells.rows(), triangle ? cells.bottom : cells.cols(), grid_.kt, grid_.form};
    const int32_t down = triangle ? 0 : cells.top, right = triangle ? 0 : cells.left;
    visit_blocks(tiles, zone.block, [&](BlockCut cut) {
      cut.top += down, cut.bottom += down, cut.left += right, cut.right += right;
      zone.blocks.push_back({cut, next_place_});
      int64_t last = next_place_;
      for (int32_t j = cut.left; j < cut.right; ++j) {
        for (int32_t i = cut.diagonal ? std::max(j, cut.top) : cut.top; i < cut.bottom; ++i) {
          const TaskId id = tasks_[at(i, j)];
          order_.turns[static_cast<size_t>(index(id))] = {
              zone_number, static_cast<int32_t>(zone.tasks.size()),
              static_cast<int32_t>(zone.blocks.size()) - 1};
          zone.tasks.push_back(id);
          const int32_t steps = graph_.task(id).step_count;
          const Pace pace = pace_of(grid_, zone.blocks.back(), graph_.place(id), steps);
          last = std::max(last, pace.begin + pace.last);
        }
      }
      next_place_ = last + 1;
    });
  }

  const TaskGraph& graph_;
  const Grid grid_;
  Order& order_;
  int32_t cols_ = 0;
  std::vector<TaskId> tasks_;
  int64_t next_place_ = 0;
};

}  // namespace

Tiles tiles_of(const Grid& grid) {
  if (is_chain(grid.form)) return {grid.chains.length, grid.chains.lanes, grid.kt, grid.form};
  return {grid.mt, grid.nt, grid.kt, grid.form};
}

Order order_tasks(const TaskGraph& graph, std::span<const Zone> zones) {
  const Grid grid = graph.grid();
  const bool lower = grid.numbering == Numbering::Lower;
  const bool all = grid.numbering == Numbering::Bands;
  const bool chains = grid.numbering == Numbering::Chains;
  const bool along_rows = grid.chains.along_rows;
  std::vector<Cells> cells;
  std::vector<int32_t> at;
  if (all) {
    halve(grid, {0, grid.mt, 0, grid.nt}, zones, cells);
  } else if (chains) {
    at = borders(along_rows ? grid.cols : grid.rows, zones, [](double part) { return part; });
  } else {
    at = borders(grid.rows, zones, [](double part) { return std::sqrt(part); });
  }
  const auto count = static_cast<int32_t>(zones.size());
  Order order;
  order.turns.resize(static_cast<size_t>(graph.task_count()));
  order.zones.resize(zones.size());
  const bool by_columns = chains ? along_rows : !all && !lower;
  order.staying = by_columns ? 1 : 0;
  std::vector<int32_t> heights;
  std::optional<Blocks> blocks;
  for (int32_t z = 0; z < count; ++z) {
    const auto s = static_cast<size_t>(z);
    const int32_t rows = all ? cells[s].rows() : at[s + 1] - at[s];
    const int32_t cols = all ? cells[s].cols() : chains ? 0 : at[s + 1];
    const int64_t kept =
        zones[s].blocks == 0 ? INT32_MAX : panels_kept(zones[s].blocks, zones[s].streams, grid.kt);
    order.zones[s].tight = graph.shape().thin || kept < int64_t{rows} + cols;
    if (order.zones[s].tight && zones[s].devices == 1 && zones[s].tasks > zones[s].streams) {
      const Tiles tiles{chains ? grid.chains.length : rows, chains ? rows : cols, grid.kt,
                        grid.form};
      order.zones[s].block = best_block(tiles, {zones[s].blocks, zones[s].streams, zones[s].tasks,
                                                zones[s].times, zones[s].blocks_of_output})
                                 .block;
      if (order.zones[s].block.rows > 0) {
        if (!blocks) blocks.emplace(graph, order);
        const Cells whole = all      ? cells[s]
                            : chains ? Cells{0, grid.chains.length, at[s], at[s + 1]}
                                     : Cells{at[s], at[s + 1], 0, at[s + 1]};
        blocks->number(z, whole);
      }
    }
    int32_t height = band(zones[s], rows, kept, order.zones[s].tight);
    // A chain is one task after another: all of them side by side where they can be kept, and never too few.
    if (chains) {
      const int32_t least = order.zones[s].tight ? 2 * zones[s].streams : rows;
      height = std::max(height, std::min(std::max(1, rows), least));
      if (zones[s].tasks > zones[s].streams)
        height = even_part(std::max(1, rows),
                           static_cast<int32_t>(std::lround(std::sqrt(zones[s].tasks))));
    }
    heights.push_back(height);
  }
  for (int32_t t = 0; t < graph.task_count(); ++t) {
    const Place p = place_of(t, grid.numbering, grid.mt, grid.nt, grid.chains);
    const int32_t i = all || lower ? p.i : p.j, j = all || lower ? p.j : p.i;
    const int32_t lane = along_rows ? p.j : p.i;
    Turn turn;
    for (turn.zone = 0; turn.zone + 1 < count; ++turn.zone) {
      const auto s = static_cast<size_t>(turn.zone);
      if (all ? i >= cells[s].top && i < cells[s].bottom && j >= cells[s].left && j < cells[s].right
              : (chains ? lane : i) < at[s + 1]) {
        break;
      }
    }
    const auto z = static_cast<size_t>(turn.zone);
    if (!graph.is_fine(p)) ++order.zones[z].whole;
    if (order.zones[z].block.rows > 0) continue;
    if (all) {
      const Part part = part_of(grid, cells[z], i, j);
      turn.number = part.cells_before + in_bands(part.cells, heights[z], i, j);
    } else if (chains) {
      const Section part = section(at[z], at[z + 1], along_rows ? grid.cols : grid.rows, lane);
      const int32_t first = part.begin + (lane - part.begin) / heights[z] * heights[z];
      const int32_t width = std::min(heights[z], part.end - first);
      turn.number = (first - at[z]) * grid.chains.length + p.position * width + (lane - first);
    } else {
      turn.number = in_triangle({at[z], at[z + 1]}, grid.rows, heights[z], i, j);
    }
    order.turns[static_cast<size_t>(t)] = turn;
    auto& tasks = order.zones[z].tasks;
    if (tasks.size() <= static_cast<size_t>(turn.number)) {
      tasks.resize(static_cast<size_t>(turn.number) + 1, TaskId::None);
    }
    tasks[static_cast<size_t>(turn.number)] = TaskId{t};
  }
  return order;
}

}  // namespace blasx::tile
