// SPDX-License-Identifier: Apache-2.0
// Calls whose tiles are shorter along k than C's are wide, on a device whose memory has larger blocks for C's tiles than for others.
#pragma once

#include <functional>
#include <memory>

#include "blasx/device/device.hpp"

namespace blasx::runtime {

// Every family that has such tiles, with much room and with little, each on a device of its own; fails the test unless results are right.
void run_thin_calls(const std::function<std::unique_ptr<device::Device>()>& make);

}  // namespace blasx::runtime
