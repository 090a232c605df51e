// SPDX-License-Identifier: Apache-2.0
#include "blasx/runtime/driver.hpp"

#include <gtest/gtest.h>

#include "blasx/device/host/host_device.hpp"
#include "tests/blasx/runtime/thin_call.hpp"

namespace blasx::runtime {
namespace {

TEST(Driver, ThinTilesLieInSmallerBlocks) {
  run_thin_calls([] { return std::make_unique<device::HostDevice>(device::HostDeviceOptions{}); });
}

}  // namespace
}  // namespace blasx::runtime
