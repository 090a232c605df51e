// SPDX-License-Identifier: Apache-2.0
#include "blasx/device/sim/routes.hpp"

#include <algorithm>
#include <limits>

namespace blasx::device::sim {

Routes::Routes(const Machine& machine) : side_(machine.devices.size() + 1), ways_(side_ * side_) {
  for (size_t i = 0; i < machine.links.size(); ++i) {
    const Link& link = machine.links[i];
    const auto number = static_cast<int32_t>(i);
    lane_of_.push_back(static_cast<int32_t>(lanes_.size()));
    lanes_.push_back({number, false, link.bytes_per_s});
    if (link.duplex) lanes_.push_back({number, true, link.bytes_per_s_back});
    lane_of_.push_back(static_cast<int32_t>(lanes_.size()) - 1);
  }
  for (size_t from = 0; from < side_; ++from) find_ways_from(machine, from);
}

// Grows the set of reached nodes by the widest way each time. The machines are small.
void Routes::find_ways_from(const Machine& machine, size_t from) {
  const size_t nodes = machine.nodes.size();
  std::vector<Way> best(nodes);
  std::vector<bool> done(nodes, false);
  best[from].bytes_per_s = std::numeric_limits<double>::infinity();
  while (true) {
    size_t at = nodes;
    for (size_t n = 0; n < nodes; ++n) {
      if (done[n] || best[n].bytes_per_s <= 0) continue;
      const bool better = at == nodes || best[n].bytes_per_s > best[at].bytes_per_s ||
                          (best[n].bytes_per_s == best[at].bytes_per_s &&
                           best[n].links.size() < best[at].links.size());
      if (better) at = n;
    }
    if (at == nodes) break;
    done[at] = true;
    if (at != from && at < side_) continue;  // home and devices pass nothing on
    for (size_t i = 0; i < machine.links.size(); ++i) {
      const Link& link = machine.links[i];
      for (const bool back : {false, true}) {
        const auto start = static_cast<size_t>(back ? link.to : link.from);
        const auto end = static_cast<size_t>(back ? link.from : link.to);
        if (start != at || done[end]) continue;
        const int32_t lane = lane_of_[2 * i + (back ? 1 : 0)];
        Way way = best[at];
        way.links.push_back(lane);
        way.bytes_per_s = std::min(way.bytes_per_s, lanes_[static_cast<size_t>(lane)].bytes_per_s);
        way.latency_s += link.latency_us * 1e-6;
        if (way.bytes_per_s > best[end].bytes_per_s ||
            (way.bytes_per_s == best[end].bytes_per_s &&
             way.links.size() < best[end].links.size())) {
          best[end] = way;
        }
      }
    }
  }
  for (size_t to = 0; to < side_; ++to) {
    if (to != from) ways_[from * side_ + to] = best[to];
  }
}

std::vector<double> Routes::link_table(const Machine& machine,
                                       const std::vector<int32_t>& devices) const {
  const size_t side = devices.size() + 1;
  std::vector<double> table(side * side, 0);
  const auto has_arena = [&](int32_t d) {
    return !machine.kind_of(static_cast<size_t>(d)).at_home;
  };
  for (size_t i = 1; i < side; ++i) {
    const int32_t d = devices[i - 1];
    if (!has_arena(d)) continue;
    const auto node = static_cast<size_t>(d) + 1;
    table[i] = way(0, node).bytes_per_s;
    table[i * side] = way(node, 0).bytes_per_s;
    for (size_t j = 1; j < side; ++j) {
      const auto other = static_cast<size_t>(devices[j - 1]);
      if (!machine.peers[static_cast<size_t>(d)][other]) continue;
      table[i * side + j] = way(node, other + 1).bytes_per_s;
    }
  }
  return table;
}

}  // namespace blasx::device::sim
