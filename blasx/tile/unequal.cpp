// SPDX-License-Identifier: Apache-2.0
#include "blasx/tile/unequal.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "blasx/tile/families.hpp"

namespace blasx::tile {
namespace {

constexpr int64_t kEdges[] = {512, 768, 1024, 1280, 1536, 1792, 2048, 2560, 3072, 4096};
constexpr int64_t kWidths[] = {128, 192, 256, 320, 384, 512, 640, 768, 1024, 1536, 2048};
constexpr int64_t kMultiple = 16;      // of a tile's sides
constexpr double kHalfRateEdge = 200;  // of kernels whose curve nobody knows
constexpr double kFirstTiles = 4;  // that have to move before the first kernel, and after the last
constexpr int64_t kLanesOfSlow = 6;   // a slow device's chains: others go on while one waits
constexpr int64_t kFewestOfFast = 3;  // chains that keep a fast device busy
constexpr int64_t kMostOfFast = 64;
constexpr double kThinnest = 1.0 / 3;  // a fast device's chain beside its triangle's tiles

// What the ends cost, in tasks: of a fast device's, and of the slowest's; and how much more than their share the slow ones get, since
// others can help them at the end and not the other way round. Found by simulating two K40 and two Titan X.
struct Ends {
  double fast, slow, more;
};
Ends ends_of(Routine routine) {
  if (routine == Routine::Trsm) return {0.6, 0.7, 1.03};
  if (routine == Routine::Trmm) return {0.5, 0.5, 1};  // its last tasks are its smallest
  return {0.3, 0.42, 1.05};
}

int64_t divide_up(int64_t a, int64_t b) { return (a + b - 1) / b; }
int64_t to_multiple(double a) {
  return std::max<int64_t>(1, std::llround(a / kMultiple)) * kMultiple;
}

// About `edge` long, all of one size.
int64_t equal_part(int64_t length, int64_t edge) {
  const int64_t parts = std::max<int64_t>(1, (length + edge / 2) / edge);
  return divide_up(divide_up(length, parts), kMultiple) * kMultiple;
}

// The sides of C: across, where it may be cut finer, and along; and how long a task's steps are together.
struct Sides {
  int64_t across = 0, along = 0, depth = 0;
};
Sides sides_of(const BlasCall& call) {
  if (!has_side(call.routine)) return {call.n, call.m, call.k};
  if (call.side == Side::Left) return {call.n, call.m, call.m};
  return {call.m, call.n, call.n};
}

// Which part of the operations kernels on diagonal tiles do.
double triangular_part(const BlasCall& call, int64_t edge) {
  if (!has_square_c(call.routine) && !has_side(call.routine)) return 0;
  const Sides sides = sides_of(call);
  return 1 / static_cast<double>(
                 divide_up(has_square_c(call.routine) ? sides.along : sides.depth, edge));
}

bool curves_known(const ArenaDevice& d) { return !d.product.empty() && !d.triangular.empty(); }

// Operations a second in tiles of that edge and width.
double rate(const BlasCall& call, const ArenaDevice& d, int64_t edge, int64_t width) {
  const double side =
      std::cbrt(static_cast<double>(edge) * static_cast<double>(edge) * static_cast<double>(width));
  if (!curves_known(d)) return d.operations_per_second * side / (side + kHalfRateEdge);
  const double part = triangular_part(call, edge);
  return 1e9 / ((1 - part) / rate_at(d.product, side) + part / rate_at(d.triangular, side));
}

struct Plan {
  TileShape shape;
  double seconds = 0;
};

class Planner {
 public:
  Planner(const BlasCall& call, const std::vector<ArenaDevice>& devices)
      : call_(call), devices_(devices), sides_(sides_of(call)), ends_(ends_of(call.routine)) {
    for (const ArenaDevice& d : devices) fastest_ = std::max(fastest_, d.operations_per_second);
    for (const ArenaDevice& d : devices) ++(is_slow(d) ? slow_count_ : fast_count_);
  }

  Plan plan(int64_t edge) const {
    return call_.routine == Routine::Trsm ? whole_chains(edge) : parts(edge);
  }

 private:
  struct Rates {
    double fast = 0, slow = 0, slowest = 0, fastest = 0;
    double all() const { return fast + slow; }
  };

  bool is_slow(const ArenaDevice& d) const {
    return kUnequal * d.operations_per_second <= fastest_;
  }

  Rates rates(int64_t edge, int64_t width, int64_t fine) const {
    Rates r;
    for (const ArenaDevice& d : devices_) {
      const double each = rate(call_, d, edge, is_slow(d) ? fine : width);
      (is_slow(d) ? r.slow : r.fast) += each;
      r.slowest = r.slowest == 0 ? each : std::min(r.slowest, each);
      r.fastest = std::max(r.fastest, each);
    }
    return r;
  }

  // How much of C's side across is the fast devices'.
  double border(int64_t edge, int64_t width, int64_t fine) const {
    const Rates r = rates(edge, width, fine);
    const double part = std::max(0.0, 1 - ends_.more * r.slow / r.all());
    return static_cast<double>(sides_.across) *
           (has_square_c(call_.routine) ? std::sqrt(part) : part);
  }

  Plan parts(int64_t edge) const {
    Plan best;
    for (const int64_t fine : kWidths) {
      if (best.seconds > 0 && 3 * fine > 2 * edge) break;
      const double at = border(edge, edge, fine);
      const auto count = std::max<int64_t>(1, std::llround(at / static_cast<double>(edge)));
      const Plan plan = cut_at(edge, fine, at, count);
      if (best.seconds == 0 || plan.seconds < best.seconds) best = plan;
    }
    return best;
  }

  // As many chains for each fast device as for the others, and for each slow one.
  Plan whole_chains(int64_t edge) const {
    Plan best;
    const auto across = static_cast<double>(sides_.across);
    const auto slow_lanes = static_cast<double>(kLanesOfSlow * slow_count_);
    int64_t fine = kWidths[0];
    for (int64_t each = kFewestOfFast; each <= kMostOfFast; ++each) {
      const int64_t width = to_multiple(across / static_cast<double>(fast_count_ * each));
      fine = to_multiple((across - border(edge, width, fine)) / slow_lanes);
      fine = std::max(kWidths[0], fine);
      if (best.seconds > 0 && static_cast<double>(width) < kThinnest * static_cast<double>(edge))
        break;
      const Plan plan = cut_at(edge, fine, border(edge, width, fine), fast_count_ * each);
      if (best.seconds == 0 || plan.seconds < best.seconds) best = plan;
    }
    return best;
  }

  Plan cut_at(int64_t edge, int64_t fine, double at, int64_t count) const {
    const int64_t width = to_multiple(at / static_cast<double>(count));
    const int64_t along = equal_part(sides_.along, edge), depth = equal_part(sides_.depth, edge);
    Plan plan;
    plan.shape = {along, width, depth, count * width, fine};
    if (has_side(call_.routine) && call_.side == Side::Right) std::swap(plan.shape.m, plan.shape.n);
    if (has_square_c(call_.routine)) plan.shape.m = width;
    plan.seconds = seconds(edge, width, fine);
    return plan;
  }

  double seconds(int64_t edge, int64_t width, int64_t fine) const {
    const Rates r = rates(edge, width, fine);
    const double operations = operation_count(call_);
    const auto tile = static_cast<double>(edge) * static_cast<double>(width);
    const double c = static_cast<double>(sides_.across) * static_cast<double>(sides_.along);
    const double task = operations * tile / (has_square_c(call_.routine) ? c / 2 : c);
    const double fine_task = task * static_cast<double>(fine) / static_cast<double>(width);
    double moves = 0;
    for (const ArenaDevice& d : devices_) {
      const double bytes = kFirstTiles * tile * static_cast<double>(element_bytes(call_.type));
      if (d.bytes_per_second > 0) moves = std::max(moves, bytes / d.bytes_per_second);
    }
    return operations / r.all() + moves + ends_.fast * task / r.fastest +
           ends_.slow * fine_task / r.slowest;
  }

  const BlasCall& call_;
  const std::vector<ArenaDevice>& devices_;
  Sides sides_;
  Ends ends_;
  double fastest_ = 0;
  int64_t fast_count_ = 0, slow_count_ = 0;
};

}  // namespace

bool are_unequal(const std::vector<ArenaDevice>& devices) {
  double fastest = 0, slowest = 0;
  for (const ArenaDevice& d : devices) {
    if (d.operations_per_second <= 0) return false;
    fastest = std::max(fastest, d.operations_per_second);
    slowest = slowest == 0 ? d.operations_per_second : std::min(slowest, d.operations_per_second);
  }
  return slowest > 0 && fastest >= kUnequal * slowest;
}

std::optional<int64_t> fastest_edge(const BlasCall& call, const std::vector<ArenaDevice>& devices) {
  if (!std::all_of(devices.begin(), devices.end(), curves_known)) return std::nullopt;
  std::optional<int64_t> best;
  double least = 0;
  const Planner planner(call, devices);
  for (const int64_t edge : kEdges) {
    if (best && edge > std::max(call.m, call.n)) break;
    const double seconds = planner.plan(edge).seconds;
    if (best && seconds >= least) continue;
    best = edge;
    least = seconds;
  }
  return best;
}

TileShape shape_for_unequal(const BlasCall& call, const std::vector<ArenaDevice>& devices,
                            int64_t edge) {
  return Planner(call, devices).plan(edge).shape;
}

}  // namespace blasx::tile
