// SPDX-License-Identifier: Apache-2.0
#include "ooc_gemm/plan/plan.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <tuple>
#include <vector>

#include "common/parse.hpp"
#include "ooc_gemm/plan/order.hpp"

namespace ooc_gemm::plan {

namespace {

// Products of panels that are less deep than this leave the arithmetic idle; deeper ones read no less.
constexpr int64_t kWorthwhileDepth = 256;
// Asking for a line costs the same however long it is, some microseconds: of longer ones that is nothing beside the arithmetic.
constexpr int64_t kLongLineBytes = 16 << 10;
// Of a line of a panel that is not the last: what a disk has in whole.
constexpr int64_t kSectorBytes = 512;
constexpr int64_t kMostProducts = 8;
constexpr double kHardlyMore = 1.1;
constexpr double kNextToNoMore = 1.02;
// More cuts than this only happen with memories of a few lines, where one more makes no difference.
constexpr int64_t kMostCuts = 4096;

int64_t cuts(int64_t length, int64_t size) { return (length + size - 1) / size; }

// Equal pieces instead of many whole ones and a rest.
int64_t evened(int64_t length, int64_t size) { return cuts(length, cuts(length, size)); }

double product_elems(const Plan& plan) {
  return static_cast<double>(plan.mc * plan.nc) * static_cast<double>(plan.kc);
}

class Search {
 public:
  explicit Search(const Problem& problem) : problem_(problem) {}

  void run(int64_t least_depth) {
    const int64_t m = std::max<int64_t>(problem_.m, 1);
    const int64_t n = std::max<int64_t>(problem_.n, 1);
    const int64_t elems = problem_.memory_elems();
    int64_t last = 0;
    for (int64_t i = 1; i <= std::min(m, kMostCuts); ++i) {
      const int64_t mc = cuts(m, i);
      if (mc == last || mc > kLongestSide) continue;
      last = mc;
      // elems >= mc nc + 2 kc (mc + nc)
      const int64_t room = elems - 2 * least_depth * mc;
      if (room < mc + 2 * least_depth) continue;
      const int64_t widest = std::min({n, room / (mc + 2 * least_depth), kLongestSide});
      consider(mc, evened(n, widest));
    }
    // Columns whole or nearly so, rows as they fit: the cuts of m that the loop above does not reach.
    for (int64_t j = 1; j <= std::min<int64_t>(n, 64); ++j) {
      const int64_t nc = cuts(n, j);
      const int64_t room = elems - 2 * least_depth * nc;
      if (room < nc + 2 * least_depth || nc > kLongestSide) continue;
      consider(evened(m, std::min({m, room / (nc + 2 * least_depth), kLongestSide})), nc);
    }
  }

  const Plan& best() const { return best_; }
  double best_read() const { return best_read_; }
  bool found() const { return best_.kc > 0; }

 private:
  void consider(int64_t mc, int64_t nc) {
    for (const bool by_columns : {false, true}) {
      const Plan plan = plan_for_blocks(problem_, mc, nc, by_columns);
      if (plan.kc == 0) continue;
      const double read = estimate(plan);
      if (!found() ||
          std::tuple(read, -product_elems(plan)) < std::tuple(best_read_, -product_elems(best_))) {
        best_ = plan;
        best_read_ = read;
      }
    }
  }

  // Exact where it is cheap to be; the panels that blocks share matter only when there are few.
  double estimate(const Plan& plan) const {
    if (plan.blocks() <= 4096) return static_cast<double>(traffic(plan).read_bytes);
    const auto m = static_cast<double>(problem_.m);
    const auto n = static_cast<double>(problem_.n);
    const auto k = static_cast<double>(problem_.k);
    double a_times = static_cast<double>(plan.block_cols());
    double b_times = static_cast<double>(plan.block_rows());
    if (plan.panels() <= 2) (plan.by_columns ? b_times : a_times) = 1;
    return (m * k * a_times + k * n * b_times) * static_cast<double>(problem_.element_bytes);
  }

  Problem problem_;
  Plan best_;
  double best_read_ = 0;
};

int64_t panel_elems(const Plan& plan, const Lines& lines, int64_t side, int64_t products) {
  const int64_t spare = plan.has_spare && lines.along_depth ? lines.spare_elems : 0;
  return plan.problem.k > 0 ? side * (plan.kc * products + spare) : 0;
}

// The same blocks by shallower products of deeper panels, where that makes short lines longer.
Plan with_long_lines(const Plan& plan) {
  const Problem& problem = plan.problem;
  const Lines& a = problem.a_lines;
  const Lines& b = problem.b_lines;
  if (!a.along_depth && !b.along_depth) return plan;
  if (plan.kc >= problem.k || plan.kc * problem.element_bytes >= kLongLineBytes) return plan;
  const int64_t unit = kSectorBytes / problem.element_bytes;
  // Where both have their lines along it, deeper panels are those of deeper products.
  const int64_t most = a.along_depth && b.along_depth ? 1 : kMostProducts;
  Plan longest = plan;
  for (int64_t products = 1; products <= most; ++products) {
    Plan other = plan;
    other.has_spare = true;
    (a.along_depth ? other.a_products : other.b_products) = products;
    other.kc = 0;
    const int64_t room =
        (problem.memory_elems() - other.buffer_bytes() / problem.element_bytes) / 2;
    const int64_t sides = plan.mc * other.a_products + plan.nc * other.b_products;
    other.kc = std::max<int64_t>(room, 0) / sides / unit * unit;
    if (other.kc < kWorthwhileDepth) break;
    // As many panels, no deeper than that takes.
    const int64_t even = cuts(evened(problem.k, other.kc * products), unit * products) * unit;
    other.kc = std::max(even, kWorthwhileDepth);
    longest = other;
  }
  if (!longest.has_spare) return plan;
  Plan turned = longest;
  turned.by_columns = !turned.by_columns;
  if (traffic(turned).read_bytes < traffic(longest).read_bytes) longest = turned;
  const auto read = static_cast<double>(traffic(plan).read_bytes);
  return static_cast<double>(traffic(longest).read_bytes) <= kNextToNoMore * read ? longest : plan;
}

}  // namespace

double Problem::operations() const {
  return (complex_numbers ? 8.0 : 2.0) * static_cast<double>(m) * static_cast<double>(n) *
         static_cast<double>(k);
}

int64_t Plan::block_rows() const { return cuts(problem.m, mc); }
int64_t Plan::block_cols() const { return cuts(problem.n, nc); }
int64_t Plan::panels() const { return std::max<int64_t>(1, cuts(problem.k, kc)); }
int64_t Plan::buffer_bytes() const {
  return (mc * nc + 2 * (a_panel_elems() + b_panel_elems())) * problem.element_bytes;
}
int64_t Plan::a_panel_elems() const { return panel_elems(*this, problem.a_lines, mc, a_products); }
int64_t Plan::b_panel_elems() const { return panel_elems(*this, problem.b_lines, nc, b_products); }

Piece piece(int64_t length, int64_t size, int64_t index) {
  const int64_t begin = index * size;
  return {begin, std::min(size, length - begin)};
}

Plan plan_for_blocks(const Problem& problem, int64_t mc, int64_t nc, bool by_columns) {
  Plan plan;
  plan.problem = problem;
  plan.mc = mc;
  plan.nc = nc;
  plan.by_columns = by_columns;
  const int64_t room = problem.memory_elems() - mc * nc;
  if (room < 0) return plan;
  const int64_t k = std::max<int64_t>(problem.k, 1);
  const int64_t deepest = std::min({k, room / (2 * (mc + nc)), kLongestSide});
  if (problem.k == 0) {
    plan.kc = 1;
  } else if (deepest > 0) {
    plan.kc = evened(k, deepest);
    // Whole cache lines, where that costs no panel more.
    const int64_t round = (plan.kc + 7) / 8 * 8;
    if (round <= deepest) plan.kc = round;
  }
  return plan;
}

Result<Plan> make_plan(const Problem& problem) {
  // A whole operand in two panels lets blocks share it; shallow panels leave room for larger blocks. Of what reads hardly more
  // than the least, the largest products are taken: those that devices share best.
  const int64_t k = std::max<int64_t>(problem.k, 1);
  std::vector<Search> searches;
  const auto look = [&](int64_t depth) {
    searches.emplace_back(problem);
    searches.back().run(depth);
    if (!searches.back().found()) searches.pop_back();
  };
  look(cuts(k, 2));
  for (int64_t depth = std::min(k, kWorthwhileDepth); depth >= 1; depth /= 2) look(depth);
  if (searches.empty()) {
    return blasx::failure(
        StatusCode::OutOfMemory,
        "a memory of " + std::to_string(problem.memory_bytes) +
            " bytes is too small for any block; a few times the square of the matrices' side in "
            "elements is little, " +
            std::to_string(5 * problem.element_bytes) + " bytes the least");
  }
  double least = searches.front().best_read();
  for (const Search& search : searches) least = std::min(least, search.best_read());
  const Search* chosen = nullptr;
  for (const Search& search : searches) {
    if (search.best_read() > kHardlyMore * least) continue;
    if (chosen == nullptr || product_elems(search.best()) > product_elems(chosen->best()))
      chosen = &search;
  }
  return with_long_lines(chosen->best());
}

double lower_bound_bytes(const Problem& problem) {
  const auto m = static_cast<double>(problem.m);
  const auto n = static_cast<double>(problem.n);
  const auto k = static_cast<double>(problem.k);
  const auto elems = static_cast<double>(problem.memory_elems());
  const double c = m * n;
  const double streamed = 2 * c * k / std::sqrt(std::max(elems, 1.0)) - 2 * elems;
  const double reads = c > 0 ? std::max(m * k + k * n + c, streamed) : 0;
  // A C that is only written counts as read there.
  const double not_read = problem.reads_c ? 0 : c;
  return (reads - not_read + c) * static_cast<double>(problem.element_bytes);
}

Prediction predict(const Plan& plan, const Rates& rates) {
  Prediction prediction;
  const Traffic moved = traffic(plan);
  const auto bytes = static_cast<double>(moved.read_bytes + moved.written_bytes);
  prediction.compute_s = plan.problem.operations() / rates.operations;
  prediction.storage_s = bytes / rates.storage_bytes;
  const auto element = static_cast<double>(plan.problem.element_bytes);
  const double first = static_cast<double>(plan.a_panel_elems() + plan.b_panel_elems()) * element;
  const double last = static_cast<double>(plan.mc * plan.nc) * element / 8;
  const double exposed = std::min(bytes, first + last) / rates.storage_bytes;
  prediction.total_s = std::max(prediction.compute_s + exposed, prediction.storage_s);
  return prediction;
}

}  // namespace ooc_gemm::plan
