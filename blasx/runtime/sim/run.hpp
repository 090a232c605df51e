// SPDX-License-Identifier: Apache-2.0
// One call on a machine under the virtual clock: the event loop in place of the driver's thread. Owns everything of the run;
// the same request always gives the same result.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "blasx/device/sim/machine.hpp"
#include "blasx/device/sim/simulation.hpp"
#include "blasx/runtime/sim/policy.hpp"
#include "blasx/runtime/sim/recorder.hpp"
#include "blasx/tile/call.hpp"
#include "blasx/tile/graph.hpp"
#include "common/status.hpp"

namespace blasx::runtime::sim {

struct Request {
  BlasCall call;
  std::vector<int32_t> devices;  // of the machine, DeviceId i is the i-th
  PolicyKind policy = PolicyKind::Blasx;
  std::optional<int64_t> tile;  // edge; empty: as the runtime chooses
  int32_t streams = 0;          // of devices with arenas; 0: as the machine says
  device::sim::Noise noise;
  std::vector<device::sim::Fault> faults;  // devices as in `devices`
  bool keep_spans = false;
};

struct LaneUse {
  std::string from, to;
  bool duplex = true;
  double bytes_per_s = 0;
  int64_t bytes = 0;
};

struct Outcome {
  PolicyKind policy = PolicyKind::Blasx;
  tile::TileShape shape;
  int32_t tasks = 0;
  int64_t committed = 0;  // fewer than `tasks` only if every device was lost
  double seconds = 0;
  double operations = 0;
  double in_core_gflops = 0;              // of all devices that take part
  double least_host_bytes = 0;            // all memory taken together; 0: not known for the routine
  double least_host_bytes_of_groups = 0;  // of devices that can copy from each other
  schedule::Traffic traffic;
  std::vector<LaneUse> lanes;
  std::vector<DeviceUse> devices;
  std::vector<int32_t> units;  // of each device
  std::vector<Span> spans;

  double gflops() const { return operations / seconds * 1e-9; }
  double host_bytes() const {
    return static_cast<double>(traffic.home_to_device_bytes + traffic.device_to_home_bytes);
  }
  // How far the devices' ends lie apart, as a part of the whole time.
  double finish_spread() const;
};

// Refuses what the machine cannot do: no rates for the precision, arenas too small, faults with a policy that has no answer.
Result<Outcome> run(const device::sim::Machine& machine, const Request& request);

}  // namespace blasx::runtime::sim
