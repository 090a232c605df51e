// SPDX-License-Identifier: Apache-2.0
#include "blasx/schedule/ready_zones.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "blasx/tile/shape.hpp"

namespace blasx::schedule {
namespace {

// C is cut finer where the last zone lies.
void put_slow_last(ZonePlan& plan) {
  std::vector<int32_t> by_speed(plan.zones.size());
  std::iota(by_speed.begin(), by_speed.end(), 0);
  const auto speed = [&](int32_t z) {
    const tile::Zone& zone = plan.zones[static_cast<size_t>(z)];
    return zone.share / zone.devices;
  };
  std::stable_sort(by_speed.begin(), by_speed.end(),
                   [&](int32_t a, int32_t b) { return speed(a) > speed(b); });
  std::vector<int32_t> place(by_speed.size());
  std::vector<tile::Zone> zones;
  for (const int32_t z : by_speed) {
    place[static_cast<size_t>(z)] = static_cast<int32_t>(zones.size());
    zones.push_back(plan.zones[static_cast<size_t>(z)]);
  }
  plan.zones = std::move(zones);
  for (int32_t& z : plan.of_device) {
    if (z != ZonePlan::kNone) z = place[static_cast<size_t>(z)];
  }
}

// One of them gets tiles from the other sooner than from home.
bool are_near(const LinkTable& links, size_t a, size_t b) {
  const auto side = static_cast<size_t>(links.devices) + 1;
  const auto better = [&](size_t from, size_t to) {
    return links.rate[(from + 1) * side + to + 1] > links.rate[to + 1];
  };
  return better(a, b) || better(b, a);
}

bool has_peers(const LinkTable& links, size_t device) {
  for (size_t d = 0; d < static_cast<size_t>(links.devices); ++d) {
    if (d != device && are_near(links, d, device)) return true;
  }
  return false;
}

}  // namespace

bool any_peers(const LinkTable& links) {
  for (size_t d = 0; d < static_cast<size_t>(links.devices); ++d) {
    if (has_peers(links, d)) return true;
  }
  return false;
}

void set_under_way(DeviceSpec& spec, const tile::TaskGraph& graph, const LinkTable& links,
                   size_t device, double home_rate) {
  if (!has_peers(links, device))
    spec.times = tile::tile_times(graph, spec.operations_per_second, home_rate);
  const int32_t room = spec.blocks;
  spec.tasks = tile::tasks_under_way(graph, spec.streams, room,
                                     spec.operations_per_second / home_rate, spec.times);
  const int32_t each = graph.blocks_of_output();
  if (each == 1) return;
  // One more than are computed where inputs leave room for it, so that the next block begins sooner.
  const auto side = static_cast<int32_t>(std::ceil(std::sqrt(spec.tasks)));
  const bool one_more = room - (spec.tasks + 1) * each >= tile::Block{side, side}.input_tiles();
  spec.outputs = std::min(spec.tasks + (one_more ? 1 : 0), (room - 2) / each);
  spec.blocks = room - spec.outputs * (each - 1);
}

ZonePlan plan_zones(std::span<const DeviceSpec> specs, const std::vector<bool>& used,
                    const LinkTable& links, int32_t blocks_of_output) {
  const size_t count = specs.size();
  const auto fetches = [&](size_t d) { return used[d] && specs[d].memory == Memory::Arena; };
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
      zone.blocks += spec.blocks + int64_t{spec.outputs} * (blocks_of_output - 1);
      zone.blocks_of_output = blocks_of_output;
      zone.streams += std::max(1, spec.streams);
      zone.tasks += std::max({1, spec.streams, spec.tasks});
      zone.times = spec.times;
      ++zone.devices;
      for (size_t d = 0; d < count; ++d) {
        if (!fetches(d) || plan.of_device[d] != ZonePlan::kNone) continue;
        if (!are_near(links, reached[next], d)) continue;
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
  put_slow_last(plan);
  return plan;
}

ReadyZones::ReadyZones(const tile::TaskGraph& graph, std::span<const tile::Zone> zones)
    : order_(tile::order_tasks(graph, zones)) {
  for (const auto& zone : order_.zones) {
    zones_.emplace_back(static_cast<int32_t>(zone.tasks.size()));
    has_fine_ = has_fine_ || zone.whole < static_cast<int32_t>(zone.tasks.size());
  }
}

}  // namespace blasx::schedule
