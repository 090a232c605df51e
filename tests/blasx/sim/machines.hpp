// SPDX-License-Identifier: Apache-2.0
// Machines small enough to compute by hand.
#pragma once

#include <string>

#include "blasx/device/sim/machine.hpp"
#include "blasx/device/sim/routes.hpp"

namespace blasx::device::sim {

// `devices` equal ones with arenas: every kernel at 1 GFLOP/s whatever its size, each on a link of its own of 1 GB/s each way.
// With peers a switch of 2 GB/s joins them.
inline Machine plain_machine(int devices, bool peers, double memory_bytes = 1e12) {
  Machine machine;
  machine.name = "plain";
  DeviceKind kind;
  kind.name = "gpu";
  kind.memory_bytes = memory_bytes;
  for (auto& of_type : kind.rates) of_type.fill({{1e-9, 1.0}});
  machine.kinds.push_back(kind);
  machine.nodes.emplace_back("home");
  for (int d = 0; d < devices; ++d) {
    machine.devices.push_back({"gpu" + std::to_string(d), 0});
    machine.nodes.push_back(machine.devices.back().name);
    machine.links.push_back({0, d + 1, 1e9, 1e9, true, 0});
  }
  machine.nodes.emplace_back("switch");
  const auto count = static_cast<size_t>(devices);
  machine.peers.assign(count, std::vector<bool>(count, peers));
  for (size_t d = 0; d < count; ++d) {
    machine.peers[d][d] = false;
    if (peers)
      machine.links.push_back({static_cast<int32_t>(d) + 1, devices + 1, 2e9, 2e9, true, 0});
  }
  return machine;
}

}  // namespace blasx::device::sim
