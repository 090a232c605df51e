// SPDX-License-Identifier: Apache-2.0
#include "blasx/tile/shape.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "blasx/tile/families.hpp"
#include "blasx/tile/order.hpp"

namespace blasx::tile {
namespace {

constexpr int64_t kPreferredEdge = 1024;   // kernels are at their rate from about here
constexpr int64_t kRoomyEdge = 2048;       // kernels get a little better, if that leaves plenty
constexpr int64_t kPlenty = 12;            // tasks for each stream
constexpr int64_t kEnough = 8;             // of large tiles
constexpr int64_t kLargestEdge = 4096;     // beyond it no kernel gets better
constexpr double kKernelSeconds = 150e-6;  // several times a round through driver and device
constexpr double kLongKernelSeconds = 3 * kKernelSeconds;
constexpr double kKernelEnds = 8e-6;     // in which a kernel begins and runs out, beside others
constexpr double kWorthMore = 0.99;      // more and smaller tiles must save at least a hundredth
constexpr double kThinWorthMore = 0.96;  // of thin ones: their kernels are shorter
// A result's way home beside a tile's way in: it ends in buffers that threads empty. 55 and 37 GB/s on an H200.
constexpr double kWayHome = 1.5;
// A solve goes on row by row, which takes that long beside what it computes: what cuBLAS's rates by size come to.
constexpr double kSolveRow = 50e-9;
constexpr double kSlowKernelSeconds = 10e-3;  // a core's; nothing beside it counts
constexpr int64_t kTasksPerStream = 2;
constexpr double kTasksOfSlowest = 10;  // half a task is then a twentieth of its part
constexpr int64_t kLeastDepth = 256;  // of tiles thinner along k, whose kernels would be too short
constexpr int64_t kLeastEdge = 128;   // below it a kernel call costs more than it does
constexpr int64_t kSmallestEdge = 8;  // still correct, for arenas of a few kilobytes
constexpr int64_t kThinnest =
    4;  // a chain of trsm may be so much thinner than its triangle's tiles
constexpr int64_t kLanesOfStream = 1;   // chains of trsm that each stream should have
constexpr int64_t kBlocksOfTask = 5;    // C, and A and B of two steps
constexpr int32_t kMostUnderWay = 64;   // tasks of a device
constexpr int64_t kPanelMultiple = 16;  // a multiple of vectors' lanes
constexpr int64_t kLeastPanel = 96;

int64_t divide_up(int64_t a, int64_t b) { return (a + b - 1) / b; }
int64_t round_up(int64_t a, int64_t b) { return divide_up(a, b) * b; }

// Output tiles that can be worked on at once.
int64_t parallel_tasks(const BlasCall& call, int64_t edge) {
  const int64_t mt = divide_up(call.m, edge), nt = divide_up(call.n, edge);
  if (has_square_c(call.routine)) return mt * (mt + 1) / 2;
  if (call.routine == Routine::Trsm) return kThinnest * (call.side == Side::Left ? nt : mt);
  return mt * nt;
}

int64_t block_bytes(const BlasCall& call, int64_t edge) {
  return TaskGraph(call, {edge, edge, edge}).block_bytes();
}

// One dimension of C in equal panels, one for each of `workers` if none is then too thin for a kernel. More would balance workers
// of unequal speed, but whoever hands out the second ones has to wait for a core, all of which are busy.
int64_t panel(int64_t size, int32_t workers) {
  const int64_t panels = std::clamp<int64_t>(size / kLeastPanel, 1, workers);
  return round_up(divide_up(size, panels), kPanelMultiple);
}

TileShape shape_at_home(const BlasCall& call, int32_t workers) {
  // The kernel of a whole triangle against one panel needs no chain and packs nothing twice.
  if (is_triangular(call.routine)) {
    const bool left = call.side == Side::Left;
    return left ? TileShape{call.m, panel(call.n, workers), 0}
                : TileShape{panel(call.m, workers), call.n, 0};
  }
  // The inner dimension in one piece: C is then written once.
  int64_t edge = kPreferredEdge;
  while (edge > kLeastEdge && parallel_tasks(call, edge) < 4 * int64_t{workers}) edge /= 2;
  return {edge, edge, std::max<int64_t>(1, call.k)};
}

// Each byte moves once, however the matrices are cut.
bool fits(const BlasCall& call, int64_t arena_bytes) {
  double bytes = 0;
  for (const Matrix& m : matrices_of(call)) {
    if (m.data == nullptr) continue;
    bytes += static_cast<double>(m.rows) * static_cast<double>(m.cols) *
             static_cast<double>(element_bytes(call.type));
  }
  return bytes < 0.75 * static_cast<double>(arena_bytes);
}

double operations_of_multiply_add(const BlasCall& call) { return is_complex(call.type) ? 8 : 2; }

// What the fastest device's kernel of a whole tile takes.
double kernel_seconds(const BlasCall& call, const ShapeFacts& facts, int64_t edge) {
  return std::pow(static_cast<double>(edge), 3) * operations_of_multiply_add(call) /
         facts.operations_per_second;
}
bool outlasts_decisions(const BlasCall& call, const ShapeFacts& facts, int64_t edge) {
  return kernel_seconds(call, facts, edge) >= kKernelSeconds;
}

// A square of C of side b does b / w operations for each byte of A and B that streams past (w bytes an element, a
// multiply-add counted as 2). The streams of a device hold about two tiles a side at once.
double balanced_side(const BlasCall& call, double operations_per_byte) {
  return operations_per_byte * static_cast<double>(element_bytes(call.type)) * 2 /
         operations_of_multiply_add(call);
}
bool outlasts_copies(const BlasCall& call, const ShapeFacts& facts, int64_t edge) {
  return static_cast<double>(2 * edge) * 2 > balanced_side(call, facts.operations_per_byte);
}

// What the device could do while A and B are on their way, where memory does not hold them; 0 where rates are not known.
double operations_while_fetching(const BlasCall& call, const ShapeFacts& facts, int64_t edge) {
  const TaskGraph graph(call, {edge, edge, edge});
  const Grid grid = graph.grid();
  if (grid.numbering != Numbering::Bands) return 0;
  const int64_t blocks = facts.arena_bytes / graph.block_bytes();
  const double tiles =
      best_block({grid.mt, grid.nt, grid.kt}, {blocks, facts.streams_per_arena, kMostUnderWay})
          .tiles_fetched;
  return tiles * static_cast<double>(graph.block_bytes()) * facts.operations_per_byte;
}

// On fast devices large tiles spare memory, and with it power, which is what limits them; as few as keep every stream busy, all
// of one size. 0 where there are not enough.
int64_t sparing_edge(const BlasCall& call, const ShapeFacts& facts) {
  const int64_t length = std::max(call.m, call.n);
  for (int64_t parts = divide_up(length, kLargestEdge);; ++parts) {
    const int64_t edge = round_up(divide_up(length, parts), kLeastEdge);
    if (edge < kPreferredEdge) return 0;
    if (edge <= kLargestEdge && parallel_tasks(call, edge) >= kEnough * facts.streams) return edge;
  }
}

// Where kernels of the preferred edge are slow, as all are whose rate nobody knows, there is nothing to hide behind others: the
// largest tiles that give each device the same number of tasks, all of one size. 0 where there are none.
int64_t equal_edge(const BlasCall& call, const ShapeFacts& facts) {
  if (facts.arenas == 0 || has_square_c(call.routine) || is_triangular(call.routine)) return 0;
  if (facts.operations_per_second > 0 &&
      (kernel_seconds(call, facts, kPreferredEdge) < kSlowKernelSeconds ||
       are_unequal(facts.devices)))
    return 0;
  const int64_t length = std::max(call.m, call.n);
  for (int64_t parts = divide_up(length, kRoomyEdge);; ++parts) {
    const int64_t edge = round_up(divide_up(length, parts), kLeastEdge);
    if (edge < kPreferredEdge) return 0;
    const int64_t tasks = parallel_tasks(call, edge);
    if (edge <= kRoomyEdge && tasks >= kTasksPerStream * facts.arenas && tasks % facts.arenas == 0)
      return edge;
  }
}

// Smaller kernels are slower by as much as they are narrower.
double slowness_of(TileShape shape) {
  const double edge = std::cbrt(static_cast<double>(shape.m) * static_cast<double>(shape.n) *
                                static_cast<double>(shape.k));
  return std::max(1.0, static_cast<double>(kPreferredEdge) / edge);
}

// Tiles of a square C; `depth` along k.
struct Edges {
  int64_t edge = 0, depth = 0;
};

// For tasks that may advance together.
TileShape tiles_together(Edges edges) {
  TileShape shape{edges.edge, edges.edge, edges.depth};
  shape.thin = edges.depth < edges.edge;
  shape.near_first = true;
  return shape;
}

// Devices hold what they read of such tiles; of chains each has its part.
bool needs_no_blocks(const BlasCall& call, const ShapeFacts& facts, TileShape shape) {
  const TaskGraph graph(call, shape);
  Tiles tiles = tiles_of(graph.grid());
  if (is_chain(tiles.form)) tiles.nt = static_cast<int32_t>(divide_up(tiles.nt, facts.arenas));
  return tiles.form != Form::Rectangle &&
         inputs_stay(tiles, {facts.arena_bytes / graph.block_bytes(), facts.streams_per_arena});
}

// Where a lone device's memory does not hold the matrices, and tiles take longer to come than their kernels: of equal parts those
// whose blocks are done soonest, along k perhaps shorter. 0 elsewhere.
Edges soonest_edges(const BlasCall& call, const ShapeFacts& facts, int64_t plain) {
  const double side = balanced_side(call, facts.operations_per_byte);
  const bool waits = side > 2 * static_cast<double>(kPreferredEdge);
  if (!waits || facts.operations_per_second <= 0 || facts.arenas != 1) return {};
  if (needs_no_blocks(call, facts, tiles_together({plain, plain}))) return {};
  const double link = facts.operations_per_second / facts.operations_per_byte;
  const int64_t length = std::max(call.m, call.n);
  const int64_t comfortable = kBlocksOfTask * facts.streams_per_arena;
  Edges best;
  double least = 0;
  const auto look = [&](Edges edges) {
    const TaskGraph graph(call, tiles_together(edges));
    TileTimes times = tile_times(graph, facts.operations_per_second, link);
    times.kernel = times.kernel * slowness_of(graph.shape()) + kKernelEnds;
    const int64_t blocks = facts.arena_bytes / graph.block_bytes();
    if (parallel_tasks(call, edges.edge) < kTasksPerStream * facts.streams) return;
    const BlockPlan plan = best_block(
        tiles_of(graph.grid()),
        {blocks, facts.streams_per_arena, kMostUnderWay, times, graph.blocks_of_output()});
    const bool thin = graph.shape().thin;
    if (thin ? plan.block.tasks() == 0 : blocks < comfortable) return;
    if (best.edge == 0 || plan.seconds < (thin ? kThinWorthMore : kWorthMore) * least) {
      best = edges;
      least = plan.seconds;
    }
  };
  for (int64_t parts = divide_up(length, kLargestEdge);; ++parts) {
    const int64_t edge = round_up(divide_up(length, parts), kLeastEdge);
    look({edge, edge});
    // Where A has a side of C's its tiles are cut as C's.
    if (!has_side(call.routine)) {
      for (const int64_t depth : {edge / 2, edge / 4}) {
        if (depth >= kLeastDepth) look({edge, depth});
      }
    }
    if (edge <= kPreferredEdge / 2) return best;
  }
}

// Where memory holds what is read, or blocks do not matter.
int64_t plain_edge(const BlasCall& call, const ShapeFacts& facts, bool all_stays) {
  const auto large_enough = all_stays ? outlasts_decisions : outlasts_copies;
  int64_t edge = kPreferredEdge;
  while (edge < kLargestEdge && !large_enough(call, facts, edge)) edge *= 2;
  // Copies and kernels of different tasks overlap only where there are several.
  while (edge > kPreferredEdge && parallel_tasks(call, edge) < kTasksPerStream * facts.streams)
    edge /= 2;
  const bool plenty = parallel_tasks(call, kRoomyEdge) >= kPlenty * facts.streams;
  if (plenty) edge = std::max(edge, kRoomyEdge);
  if (all_stays && !is_triangular(call.routine) &&
      kernel_seconds(call, facts, kRoomyEdge) < kLongKernelSeconds)
    edge = std::max(edge, sparing_edge(call, facts));
  while (!all_stays && edge > kPreferredEdge &&
         operations_while_fetching(call, facts, edge / 2) <
             operations_while_fetching(call, facts, edge)) {
    edge /= 2;
  }
  return edge;
}

Edges preferred_edges(const BlasCall& call, const ShapeFacts& facts) {
  const bool all_stays = facts.operations_per_second > 0 && fits(call, facts.arena_bytes);
  const int64_t plain = plain_edge(call, facts, all_stays);
  const Edges soonest = all_stays ? Edges{} : soonest_edges(call, facts, plain);
  return soonest.edge > 0 ? soonest : Edges{plain, plain};
}

// How much longer work takes by what each kernel costs beside it.
double kernels_cost(const BlasCall& call, const ShapeFacts& facts, int64_t edge) {
  return 1 + kKernelSeconds / kernel_seconds(call, facts, edge);
}

// Each stream takes a task at once, however slow its device: of few tasks a slow device takes more than its part, and all wait
// for it. So its fair part is a task for each of its streams, if smaller tiles do not cost more than the waiting; and so
// many that one more or less is little of it, if they cost next to nothing. A solve's chains are made thinner
// instead (with_lanes).
int64_t balanced_edge(const BlasCall& call, const ShapeFacts& facts, int64_t edge) {
  if (!are_unequal(facts.devices) || call.routine == Routine::Trsm) return edge;
  const double parts = facts.all_operations_per_second / facts.slowest_operations_per_second;
  const double one_each = parts * facts.streams_per_arena;
  const bool all_stays = fits(call, facts.arena_bytes);
  for (; edge > kLeastEdge; edge /= 2) {
    const int64_t half = edge / 2;
    double wanted = one_each * kernels_cost(call, facts, edge) / kernels_cost(call, facts, half);
    if (kernel_seconds(call, facts, half) >= kLongKernelSeconds)
      wanted = std::max(one_each, parts * kTasksOfSlowest);
    if (static_cast<double>(parallel_tasks(call, edge)) >= wanted) break;
    if (!all_stays && !outlasts_copies(call, facts, half)) break;
  }
  return edge;
}

// A solve has only so much to do at once as there are chains: where those are few they are made thinner, which costs a kernel
// less than smaller triangles would.
TileShape with_lanes(const BlasCall& call, int64_t edge, const ShapeFacts& facts) {
  if (call.routine != Routine::Trsm || facts.tile) return {edge, edge, edge};
  const bool left = call.side == Side::Left;
  const int64_t across = left ? call.n : call.m;
  int64_t lane = edge;
  while (lane > edge / kThinnest && lane > kLeastEdge &&
         divide_up(across, lane) < kLanesOfStream * facts.streams) {
    lane /= 2;
  }
  return left ? TileShape{edge, lane, edge} : TileShape{lane, edge, edge};
}

// A @ A.T reads one matrix in two roles, which have to be cut alike.
bool is_one_matrix(const BlasCall& call) { return call.a == call.b && call.lda == call.ldb; }

// Unequal parts as large as that edge, or smaller ones if a device would not hold enough of them; nothing where those would be
// too small to be cut finer.
std::optional<TileShape> unequal_parts(const BlasCall& call, const ShapeFacts& facts,
                                       int64_t edge) {
  const int64_t comfortable = kBlocksOfTask * facts.streams_per_arena;
  for (; edge > 2 * kLeastEdge; edge /= 2) {
    const TileShape shape = shape_for_unequal(call, facts.devices, edge);
    if (facts.arena_bytes / TaskGraph(call, shape).block_bytes() >= comfortable) return shape;
  }
  return std::nullopt;
}

}  // namespace

void ShapeFacts::add_arena(ArenaDevice device) {
  const bool first = arena_bytes == 0;
  const double rate = device.operations_per_second, link = device.bytes_per_second;
  ++arenas;
  streams_per_arena = device.streams;
  arena_bytes = first ? device.bytes : std::min(arena_bytes, device.bytes);
  slowest_operations_per_second = first ? rate : std::min(slowest_operations_per_second, rate);
  all_operations_per_second += rate;
  operations_per_second = std::max(operations_per_second, rate);
  if (link > 0) operations_per_byte = std::max(operations_per_byte, rate / link);
  devices.push_back(std::move(device));
}

Result<TileShape> choose_tile_shape(const BlasCall& call, const ShapeFacts& facts) {
  if (facts.arena_bytes == 0) {
    if (facts.tile) return TileShape{*facts.tile, *facts.tile, *facts.tile};
    return shape_at_home(call, facts.streams);
  }
  const bool unequal = !facts.tile && are_unequal(facts.devices) && !is_one_matrix(call);
  const std::optional<int64_t> fastest = unequal ? fastest_edge(call, facts.devices) : std::nullopt;
  int64_t edge = facts.tile.value_or(fastest ? *fastest : equal_edge(call, facts));
  if (!facts.tile) {
    if (edge == 0) {
      const Edges preferred = preferred_edges(call, facts);
      if (preferred.depth < preferred.edge) return tiles_together(preferred);
      edge = balanced_edge(call, facts, preferred.edge);
      while (edge > kLeastEdge && parallel_tasks(call, edge) < facts.streams) edge /= 2;
    }
    const int64_t comfortable = kBlocksOfTask * facts.streams_per_arena;
    while (edge > kLeastEdge && facts.arena_bytes / block_bytes(call, edge) < comfortable)
      edge /= 2;
  }
  while (facts.arena_bytes / block_bytes(call, edge) < 3) {
    if (edge <= kSmallestEdge) {
      return tl::unexpected(Status(StatusCode::OutOfMemory,
                                   "a device's memory of " + std::to_string(facts.arena_bytes) +
                                       " bytes does not hold three tiles of side " +
                                       std::to_string(edge)));
    }
    edge = std::max(kSmallestEdge, edge / 2);
  }
  // Where nobody knows what narrower tiles cost only chains gain from them: there is nothing else to share out.
  const bool finer = fastest || (unequal && call.routine == Routine::Trsm);
  const std::optional<TileShape> parts = finer ? unequal_parts(call, facts, edge) : std::nullopt;
  TileShape shape = parts.value_or(with_lanes(call, edge, facts));
  // Where devices have peers more is won by tasks that read the same tiles at different times.
  shape.near_first = call.routine == Routine::Trmm && !facts.peers &&
                     !fits(call, facts.arena_bytes) && !needs_no_blocks(call, facts, shape);
  return shape;
}

TileTimes tile_times(const TaskGraph& graph, double operations_per_second,
                     double bytes_per_second) {
  if (operations_per_second <= 0 || bytes_per_second <= 0) return {};
  const TileShape shape = graph.shape();
  const double operations = static_cast<double>(shape.m) * static_cast<double>(shape.n) *
                            static_cast<double>(shape.k) * operations_of_multiply_add(graph.call());
  const double element = static_cast<double>(element_bytes(graph.call().type)) / bytes_per_second;
  const auto of = [&](int64_t a, int64_t b) { return static_cast<double>(a * b) * element; };
  return {.kernel = operations / operations_per_second,
          .fetch = of(std::max(shape.m, shape.n), shape.k),
          .home = kWayHome * of(shape.m, shape.n),
          .solve = kSolveRow * static_cast<double>(shape.k)};
}

int32_t tasks_under_way(const TaskGraph& graph, int32_t streams, int64_t blocks,
                        double operations_per_byte, TileTimes times) {
  if (graph.shape().thin || blocks < graph.tile_count() + graph.task_count()) {
    if (graph.grid().form != Form::Rectangle && !times.known()) return streams;
    const BlockPlan plan = best_block(
        tiles_of(graph.grid()), {blocks, streams, kMostUnderWay, times, graph.blocks_of_output()});
    return std::max(streams, plan.block.tasks());
  }
  const auto edge = static_cast<double>(std::max(graph.shape().m, graph.shape().n));
  const double side = std::ceil(balanced_side(graph.call(), operations_per_byte) / edge);
  const auto most = std::min<int64_t>(kMostUnderWay, blocks / kBlocksOfTask);
  const auto wanted = static_cast<int64_t>(std::min(side * side, 1e6));
  return static_cast<int32_t>(std::max<int64_t>(streams, std::min(wanted, most)));
}

}  // namespace blasx::tile
