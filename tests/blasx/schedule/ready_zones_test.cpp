// SPDX-License-Identifier: Apache-2.0
#include "blasx/schedule/ready_zones.hpp"

#include <gtest/gtest.h>

#include "tests/blasx/schedule/scenario.hpp"

namespace blasx::schedule {
namespace {

ZonePlan plan_of(const Scenario& s) {
  return plan_zones(s.devices, std::vector<bool>(s.devices.size(), true), s.links());
}

TEST(ZonePlan, DevicesThatFetchFromEachOtherShareAZone) {
  Scenario s = scenario_of(Routine::Gemm, 4, 4, 4);
  for (int i = 0; i < 3; ++i) add_device(s, arena(10 * (i + 1), 2), 5);
  const ZonePlan all = plan_of(s);
  ASSERT_EQ(all.zones.size(), 1U);
  EXPECT_EQ(all.zones[0].blocks, 60);
  EXPECT_EQ(all.zones[0].streams, 6);
  EXPECT_EQ(all.of_device, (std::vector<int32_t>{0, 0, 0}));
  // A pair and a single one.
  const size_t side = 4;
  for (const size_t i : {1U, 2U}) s.rates[i * side + 3] = s.rates[3 * side + i] = 0;
  const ZonePlan pair = plan_of(s);
  EXPECT_EQ(pair.of_device, (std::vector<int32_t>{0, 0, 1}));
  EXPECT_EQ(pair.zones[0].share, 2);
  EXPECT_EQ(pair.zones[1].share, 1);
}

TEST(ZonePlan, SharesFollowTheSpeedsWhereAllAreKnown) {
  Scenario s = scenario_of(Routine::Gemm, 4, 4, 4);
  DeviceSpec fast = arena(10), slow = arena(10);
  fast.operations_per_second = 6;
  slow.operations_per_second = 1;
  add_device(s, fast);
  add_device(s, slow);
  EXPECT_EQ(plan_of(s).zones[0].share, 6);
  s.devices[1].operations_per_second = 0;
  EXPECT_EQ(plan_of(s).zones[0].share, 1);
}

TEST(ZonePlan, TheProcessorHasAZoneOnlyAlone) {
  Scenario s = scenario_of(Routine::Gemm, 4, 4, 4);
  add_device(s, processor(4));
  EXPECT_EQ(plan_of(s).of_device, std::vector<int32_t>{0});
  add_device(s, arena(10));
  EXPECT_EQ(plan_of(s).of_device, (std::vector<int32_t>{ZonePlan::kNone, 0}));
}

TEST(ReadyZones, WalksBothWays) {
  const Scenario s = scenario_of(Routine::Gemm, 13, 11, 2);
  const tile::TaskGraph graph = s.graph();
  ReadyZones ready(graph, std::vector<tile::Zone>{{1, 100, 2}, {1, 100, 2}});
  for (int32_t i = 0; i < graph.task_count(); i += 2) ready.add(TaskId{i});
  EXPECT_EQ(ready.count(), (graph.task_count() + 1) / 2);
  for (int32_t zone = 0; zone < 2; ++zone) {
    std::vector<TaskId> up, down;
    ready.walk(zone, graph.task_count(), [&](TaskId id) {
      up.push_back(id);
      return true;
    });
    ready.walk_back(zone, [&](TaskId id) {
      down.push_back(id);
      return true;
    });
    EXPECT_EQ(static_cast<int32_t>(up.size()), ready.count(zone));
    EXPECT_EQ(up, std::vector<TaskId>(down.rbegin(), down.rend()));
    for (const TaskId id : up) EXPECT_TRUE(ready.contains(id));
    if (!up.empty()) ready.remove(up.front());
    EXPECT_FALSE(ready.contains(up.front()));
  }
}

}  // namespace
}  // namespace blasx::schedule
