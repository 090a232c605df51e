// SPDX-License-Identifier: Apache-2.0
#include "blasx/schedule/ready_zones.hpp"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

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

// Where C is cut finer.
TEST(ZonePlan, TheSlowestLieLast) {
  Scenario s = scenario_of(Routine::Gemm, 4, 4, 4);
  for (const double speed : {1, 1, 5, 5}) {
    DeviceSpec d = arena(10);
    d.operations_per_second = speed;
    add_device(s, d, 0);
  }
  const size_t side = 5;
  for (const auto& [i, j] : {std::pair<size_t, size_t>{1, 2}, {3, 4}}) {
    s.rates[i * side + j] = s.rates[j * side + i] = 5;
  }
  const ZonePlan plan = plan_of(s);
  EXPECT_EQ(plan.of_device, (std::vector<int32_t>{1, 1, 0, 0}));
  EXPECT_EQ(plan.zones[0].share, 10);
  EXPECT_EQ(plan.zones[1].share, 2);
}

TEST(ZonePlan, TheProcessorHasAZoneOnlyAlone) {
  Scenario s = scenario_of(Routine::Gemm, 4, 4, 4);
  add_device(s, processor(4));
  EXPECT_EQ(plan_of(s).of_device, std::vector<int32_t>{0});
  add_device(s, arena(10));
  EXPECT_EQ(plan_of(s).of_device, (std::vector<int32_t>{ZonePlan::kNone, 0}));
}

using Part = ReadyZones::Part;

std::vector<TaskId> walked(ReadyZones& ready, int32_t zone, Part part, int32_t last) {
  std::vector<TaskId> ids;
  ready.walk(zone, part, last, [&](TaskId id) {
    ids.push_back(id);
    return true;
  });
  return ids;
}
std::vector<TaskId> walked_back(const ReadyZones& ready, int32_t zone, Part part) {
  std::vector<TaskId> ids;
  ready.walk_back(zone, part, [&](TaskId id) {
    ids.push_back(id);
    return true;
  });
  return ids;
}

TEST(ReadyZones, WalksBothWays) {
  Scenario s = scenario_of(Routine::Gemm, 26, 22, 4);
  s.shape = {2, 2, 2};
  for (const bool fine : {false, true}) {
    if (fine) s.shape = {2, 2, 2, 14, 1};
    const tile::TaskGraph graph = s.graph();
    ReadyZones ready(graph, std::vector<tile::Zone>{{1, 100, 2}, {1, 100, 2}});
    EXPECT_EQ(ready.has_fine(), fine);
    for (int32_t i = 0; i < graph.task_count(); i += 2) ready.add(TaskId{i});
    EXPECT_EQ(ready.count(), (graph.task_count() + 1) / 2);
    EXPECT_EQ(ready.size(0) + ready.size(1), graph.task_count());
    for (int32_t zone = 0; zone < 2; ++zone) {
      size_t seen = 0;
      for (const Part part : {Part::Whole, Part::Fine}) {
        const auto up = walked(ready, zone, part, graph.task_count());
        const auto down = walked_back(ready, zone, part);
        seen += up.size();
        EXPECT_EQ(up, std::vector<TaskId>(down.rbegin(), down.rend()));
        for (const TaskId id : up) {
          EXPECT_TRUE(ready.contains(id));
          EXPECT_EQ(graph.is_fine(graph.place(id)), part == Part::Fine);
        }
      }
      EXPECT_EQ(static_cast<int32_t>(seen), ready.count(zone));
      const TaskId first = walked(ready, zone, Part::Whole, graph.task_count()).front();
      ready.remove(first);
      EXPECT_FALSE(ready.contains(first));
    }
  }
}

}  // namespace
}  // namespace blasx::schedule
