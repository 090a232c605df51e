// SPDX-License-Identifier: Apache-2.0
#include "blasx/tools/sim/arguments.hpp"

#include <gtest/gtest.h>

#include "tests/blasx/sim/machines.hpp"

namespace blasx::tools::sim {
namespace {

using device::sim::plain_machine;
using Sets = std::vector<std::vector<int32_t>>;

TEST(Arguments, DeviceSets) {
  const auto machine = plain_machine(3, false);
  EXPECT_EQ(*device_sets("", machine), (Sets{{0, 1, 2}}));
  EXPECT_EQ(*device_sets("2", machine), (Sets{{0, 1}}));
  EXPECT_EQ(*device_sets("1..3", machine), (Sets{{0}, {0, 1}, {0, 1, 2}}));
  EXPECT_EQ(*device_sets("gpu2,gpu0", machine), (Sets{{2, 0}}));
  for (const char* wrong : {"0", "4", "2..1", "1..4", "gpu3", "gpu0,gpu0", "1..x", "-1"}) {
    EXPECT_FALSE(device_sets(wrong, machine)) << wrong;
  }
  EXPECT_EQ(device_sets("gpu9", machine).error().message(),
            "device gpu9: plain has none such; accepted: gpu0, gpu1, gpu2");
}

TEST(Arguments, Faults) {
  const auto machine = plain_machine(3, false);
  const auto slow = fault_of("gpu1:2.5@0.3", false, machine);
  ASSERT_TRUE(slow);
  EXPECT_EQ(slow->device, 1);
  EXPECT_DOUBLE_EQ(slow->slow_by, 2.5);
  EXPECT_DOUBLE_EQ(slow->at_s, 0.3);
  const auto lost = fault_of("gpu2@1", true, machine);
  ASSERT_TRUE(lost);
  EXPECT_EQ(lost->device, 2);
  EXPECT_DOUBLE_EQ(lost->slow_by, 0);
  for (const char* wrong :
       {"gpu1", "gpu1@", "gpu1@-1", "gpu1:0@1", "gpu1:x@1", "gpu7:2@1", "gpu1@1"}) {
    EXPECT_FALSE(fault_of(wrong, false, machine)) << wrong;
  }
  EXPECT_FALSE(fault_of("gpu1:2@1", true, machine));
}

TEST(Arguments, FaultsOfThoseWhoTakePart) {
  const auto among = faults_among({{0, 1, 0}, {2, 2, 0}, {1, 3, 0}}, {2, 1});
  ASSERT_EQ(among.size(), 2U);
  EXPECT_EQ(among[0].device, 0);
  EXPECT_DOUBLE_EQ(among[0].at_s, 2);
  EXPECT_EQ(among[1].device, 1);
}

TEST(Arguments, MachinesByNameAndByPath) {
  EXPECT_EQ(*find_machine("everest", {"/nonexistent", BLASX_MACHINES}),
            std::string(BLASX_MACHINES) + "/everest.json");
  const std::string path = std::string(BLASX_MACHINES) + "/everest.json";
  EXPECT_EQ(*find_machine(path, {}), path);
  EXPECT_FALSE(find_machine("nomachine", {BLASX_MACHINES}));
  EXPECT_FALSE(find_machine("../machines/everest", {BLASX_MACHINES}));
}

}  // namespace
}  // namespace blasx::tools::sim
