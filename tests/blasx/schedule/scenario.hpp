// SPDX-License-Identifier: Apache-2.0
// What a run of the scheduler starts from, one call and one machine, as a value that has a text form: with the list of
// events (replay.hpp) it is all that is needed to see a run again. Pure.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "blasx/schedule/protocol.hpp"
#include "blasx/tile/graph.hpp"

namespace blasx::schedule {

struct Scenario {
  BlasCall call;
  tile::TileShape shape;
  std::vector<DeviceSpec> devices;
  std::vector<double> rates;  // of the links, [from][to], home first

  LinkTable links() const { return {static_cast<int32_t>(devices.size()), rates.data()}; }
  tile::TaskGraph graph() const { return {call, shape}; }
  double rate(DeviceId from, DeviceId to) const {
    const size_t side = devices.size() + 1;
    return rates[static_cast<size_t>(index(from) + 1) * side + static_cast<size_t>(index(to) + 1)];
  }
};

// A call of mt x nt tiles of C (and kt along k) on addresses that nobody reads.
Scenario scenario_of(Routine routine, int64_t mt, int64_t nt, int64_t kt);
// Appends a device; every link between arenas gets `peer_rate`, those with home 2.
void add_device(Scenario& scenario, const DeviceSpec& device, double peer_rate = 0);
DeviceSpec arena(int32_t blocks, int32_t streams = 1);
DeviceSpec processor(int32_t streams = 1);

// Any family, machine and link table.
Scenario random_scenario(std::mt19937_64& random);
// The same on devices without peers whose memory is short and that have many tasks under way, so that most have blocks of C.
Scenario tight_scenario(std::mt19937_64& random);

// "call ..", "tile ..", "device ..", "rates .." lines; the parser skips other lines.
std::string scenario_text(const Scenario& scenario);
Scenario parse_scenario(const std::string& text);

}  // namespace blasx::schedule
