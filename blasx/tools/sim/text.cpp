// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "blasx/tools/sim/report.hpp"

namespace blasx::tools::sim {
namespace {

using runtime::sim::DeviceUse;
using runtime::sim::LaneUse;
using runtime::sim::Outcome;

double share(double part, double whole) { return whole > 0 ? 100 * part / whole : 0; }

std::string gib(int64_t bytes) {
  return fmt::format("{:.2f}", static_cast<double>(bytes) * 0x1p-30);
}

}  // namespace

std::string table_text(const std::vector<Row>& rows) {
  std::string text = fmt::format(
      "{:<8} {:<8} {:>7} {:>7} {:>5} {:>9} {:>8} {:>7} {:>8} {:>8} {:>8} {:>8} {:>6} {:>6} {:>6} "
      "{:>6}\n",
      "routine", "policy", "n", "devices", "tile", "GFLOP/s", "speed-up", "in-core", "seconds",
      "in GiB", "out GiB", "peer GiB", "own", "peers", "host", "ends");
  for (const Row& row : rows) {
    const Outcome& o = row.outcome;
    const auto& t = o.traffic;
    const auto wanted = static_cast<double>(t.level1_hits + t.level2_hits + t.misses);
    text += fmt::format(
        "{:<8} {:<8} {:>7} {:>7} {:>5} {:>9.1f} {:>8} {:>6.1f}% {:>8.4g} {:>8} {:>8} {:>8} "
        "{:>5.1f}% "
        "{:>5.1f}% {:>5.1f}% {:>5.1f}%\n",
        row.routine, policy_name(o.policy), row.n, o.devices.size(), o.shape.m, o.gflops(),
        row.speed_up > 0 ? fmt::format("{:.2f}", row.speed_up) : "-",
        share(o.gflops(), o.in_core_gflops), o.seconds, gib(t.home_to_device_bytes),
        gib(t.device_to_home_bytes), gib(t.device_to_device_bytes),
        share(static_cast<double>(t.level1_hits), wanted),
        share(static_cast<double>(t.level2_hits), wanted),
        share(static_cast<double>(t.misses), wanted), 100 * o.finish_spread());
  }
  return text +
         "in-core: of what the kernels alone would reach. own, peers, host: where the tiles that "
         "steps "
         "read were found.\nends: how far apart the devices finish, of the whole time.\n";
}

std::string detail_text(const Row& row) {
  const Outcome& o = row.outcome;
  std::string text = fmt::format("{:<12} {:>6} {:>9} {:>9} {:>9} {:>6} {:>9}\n", "device", "tasks",
                                 "GFLOP/s", "busy s", "idle s", "idle", "ends s");
  for (size_t i = 0; i < o.devices.size(); ++i) {
    const DeviceUse& use = o.devices[i];
    const double busy = use.busy_s / o.units[i];
    text += fmt::format("{:<12} {:>6} {:>9.1f} {:>9.4g} {:>9.4g} {:>5.1f}% {:>9.4g}{}\n", use.name,
                        use.tasks, use.operations / o.seconds * 1e-9, busy, o.seconds - busy,
                        share(o.seconds - busy, o.seconds), use.last_s, use.lost ? "  lost" : "");
  }
  text += fmt::format("{:<24} {:>9} {:>9} {:>6}\n", "link", "GiB", "GB/s", "busy");
  for (const LaneUse& lane : o.lanes) {
    if (lane.bytes == 0) continue;
    const double seconds = static_cast<double>(lane.bytes) / lane.bytes_per_s;
    text += fmt::format("{:<24} {:>9} {:>9.3g} {:>5.1f}%\n",
                        lane.from + (lane.duplex ? " > " : " - ") + lane.to, gib(lane.bytes),
                        lane.bytes_per_s * 1e-9, share(seconds, o.seconds));
  }
  if (o.least_host_bytes > 0) {
    text += fmt::format("host traffic: {:.2f} of the least that this memory allows ({} GiB)\n",
                        o.host_bytes() / o.least_host_bytes,
                        gib(static_cast<int64_t>(o.least_host_bytes)));
  }
  if (o.committed < o.tasks) {
    text += fmt::format("every device was lost: {} of {} tasks done\n", o.committed, o.tasks);
  }
  return text;
}

}  // namespace blasx::tools::sim
