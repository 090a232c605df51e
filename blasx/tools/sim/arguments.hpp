// SPDX-License-Identifier: Apache-2.0
// What the words on blasx-sim's command line mean. Pure, but for looking whether a file is there.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "blasx/device/sim/machine.hpp"
#include "blasx/device/sim/simulation.hpp"
#include "common/status.hpp"

namespace blasx::tools::sim {

// "3": the first three; "1..3": one, two, three of them, as three runs; "gpu0,gpu2": these; empty: all.
Result<std::vector<std::vector<int32_t>>> device_sets(const std::string& text,
                                                      const device::sim::Machine& machine);

// "gpu1:2.5@0.3": its kernels take 2.5 times as long from 0.3 s on. "gpu1@0.3" with `loses`: it is lost then.
// The device is its number in the machine.
Result<device::sim::Fault> fault_of(const std::string& text, bool loses,
                                    const device::sim::Machine& machine);

// The faults of devices that take part, by DeviceId.
std::vector<device::sim::Fault> faults_among(const std::vector<device::sim::Fault>& faults,
                                             const std::vector<int32_t>& devices);

// A path, or the name of a machine file in one of the folders.
Result<std::string> find_machine(const std::string& text, const std::vector<std::string>& folders);

}  // namespace blasx::tools::sim
