// SPDX-License-Identifier: Apache-2.0
#include "lpcoll/api/statistics.hpp"

#include <fmt/format.h>
#include <mpi.h>

#include <atomic>
#include <string>

#include "common/log.hpp"

namespace lpcoll::api {
namespace {

constexpr int kCollectives = 3, kTransports = 4;
struct Cell {
  std::atomic<int64_t> calls{0}, bytes{0};
};
constinit Cell g_cells[kCollectives][kTransports];
constinit std::atomic<bool> g_wanted{false};

}  // namespace

void count_call(tune::Collective collective, tune::Transport transport, int64_t bytes) {
  Cell& cell = g_cells[static_cast<int>(collective)][static_cast<int>(transport)];
  cell.calls.fetch_add(1, std::memory_order_relaxed);
  cell.bytes.fetch_add(bytes, std::memory_order_relaxed);
}

void want_statistics() { g_wanted.store(true, std::memory_order_relaxed); }

void report_statistics() {
  int rank = 0;
  PMPI_Comm_rank(MPI_COMM_WORLD, &rank);
  if (!g_wanted.load(std::memory_order_relaxed) || rank != 0) return;
  constexpr const char* kNames[] = {"broadcast", "reduce", "allreduce"};
  constexpr tune::Transport kColumns[] = {tune::Transport::Shm, tune::Transport::Mpi,
                                          tune::Transport::None};
  std::string table = fmt::format(
      "lpcoll: calls of at least {} bytes, of rank 0\n{:<10}{:>16}{:>12}{:>18}{:>12}{:>16}{:>12}\n",
      tune::kFloor, "", "shared memory", "MiB", "point to point", "MiB", "passed on", "MiB");
  for (int k = 0; k < kCollectives; ++k) {
    table += fmt::format("{:<10}", kNames[k]);
    for (int t = 0; t < 3; ++t) {
      const Cell& cell = g_cells[k][static_cast<int>(kColumns[t])];
      table += fmt::format("{:>{}}{:>12.1f}", cell.calls.load(), t == 1 ? 18 : 16,
                           static_cast<double>(cell.bytes.load()) / (1 << 20));
    }
    table += k + 1 < kCollectives ? "\n" : "";
  }
  blasx::log::plain(table);
}

}  // namespace lpcoll::api
