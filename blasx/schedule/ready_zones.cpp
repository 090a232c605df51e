// SPDX-License-Identifier: Apache-2.0
#include "blasx/schedule/ready_zones.hpp"

#include <algorithm>

namespace blasx::schedule {

ZonePlan plan_zones(std::span<const DeviceSpec> specs, const std::vector<bool>& used,
                    const LinkTable& links) {
  const size_t count = specs.size(), side = count + 1;
  const auto fetches = [&](size_t d) { return used[d] && specs[d].memory == Memory::Arena; };
  const auto better = [&](size_t from, size_t to) {
    return links.rate[(from + 1) * side + to + 1] > links.rate[to + 1];
  };
  bool rates_known = true;
  for (size_t d = 0; d < count; ++d) {
    rates_known = rates_known && (!fetches(d) || specs[d].operations_per_second > 0);
  }
  ZonePlan plan;
  plan.of_device.assign(count, ZonePlan::kNone);
  for (size_t seed = 0; seed < count; ++seed) {
    if (!fetches(seed) || plan.of_device[seed] != ZonePlan::kNone) continue;
    const auto number = static_cast<int32_t>(plan.zones.size());
    tile::Zone zone{.share = 0, .blocks = 0, .streams = 0, .tasks = 0, .devices = 0};
    std::vector<size_t> reached{seed};
    plan.of_device[seed] = number;
    for (size_t next = 0; next < reached.size(); ++next) {
      const DeviceSpec& spec = specs[reached[next]];
      zone.share += rates_known ? spec.operations_per_second : 1;
      zone.blocks += spec.blocks;
      zone.streams += std::max(1, spec.streams);
      zone.tasks += std::max({1, spec.streams, spec.tasks});
      ++zone.devices;
      for (size_t d = 0; d < count; ++d) {
        if (!fetches(d) || plan.of_device[d] != ZonePlan::kNone) continue;
        if (!better(reached[next], d) && !better(d, reached[next])) continue;
        plan.of_device[d] = number;
        reached.push_back(d);
      }
    }
    plan.zones.push_back(zone);
  }
  if (plan.zones.empty()) {
    plan.zones.emplace_back();
    std::fill(plan.of_device.begin(), plan.of_device.end(), 0);
  }
  return plan;
}

ReadyZones::ReadyZones(const tile::TaskGraph& graph, std::span<const tile::Zone> zones)
    : order_(tile::order_tasks(graph, zones)) {
  for (const auto& zone : order_.zones) {
    zones_.emplace_back(static_cast<int32_t>(zone.tasks.size()));
  }
}

}  // namespace blasx::schedule
