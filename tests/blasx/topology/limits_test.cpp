// SPDX-License-Identifier: Apache-2.0
#include "blasx/topology/limits.hpp"

#include <gtest/gtest.h>
#include <sched.h>

#include <map>
#include <thread>

namespace blasx::topology {
namespace {

GroupLimits limits_in(const std::map<std::string, std::string>& files) {
  return group_limits([&](const std::string& path) -> std::optional<std::string> {
    const auto at = files.find(path);
    if (at == files.end()) return std::nullopt;
    return at->second;
  });
}

TEST(Limits, NoGroupsNoLimits) {
  EXPECT_FALSE(limits_in({}).cpus.has_value());
  EXPECT_FALSE(limits_in({{"/proc/self/cgroup", "0::/\n"}}).memory_bytes.has_value());
}

TEST(Limits, Version2TakesTheTightestOnTheWayUp) {
  const GroupLimits limits = limits_in({{"/proc/self/cgroup", "0::/a/b\n"},
                                        {"/sys/fs/cgroup/a/b/cpu.max", "max 100000\n"},
                                        {"/sys/fs/cgroup/a/cpu.max", "150000 100000\n"},
                                        {"/sys/fs/cgroup/cpu.max", "400000 100000\n"},
                                        {"/sys/fs/cgroup/a/b/memory.max", "2000\n"},
                                        {"/sys/fs/cgroup/a/memory.max", "max\n"}});
  EXPECT_DOUBLE_EQ(limits.cpus.value(), 1.5);
  EXPECT_EQ(limits.memory_bytes.value(), 2000);
}

TEST(Limits, Version1) {
  const GroupLimits limits =
      limits_in({{"/proc/self/cgroup", "4:memory:/x\n2:cpuacct,cpu:/y\n1:pids:/z\n0::/\n"},
                 {"/sys/fs/cgroup/cpu/y/cpu.cfs_quota_us", "-1\n"},
                 {"/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "200000\n"},
                 {"/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n"},
                 {"/sys/fs/cgroup/memory/x/memory.limit_in_bytes", "9223372036854771712\n"},
                 {"/sys/fs/cgroup/memory/memory.limit_in_bytes", "4096\n"}});
  EXPECT_DOUBLE_EQ(limits.cpus.value(), 2);
  EXPECT_EQ(limits.memory_bytes.value(), 4096);
}

TEST(Limits, Version1WritesNoMemoryLimitAsAHugeNumber) {
  EXPECT_FALSE(limits_in({{"/proc/self/cgroup", "4:memory:/\n"},
                          {"/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"}})
                   .memory_bytes.has_value());
}

TEST(Limits, RubbishIsNoLimit) {
  const GroupLimits limits = limits_in({{"/proc/self/cgroup", "0::/\nnonsense\n:\n"},
                                        {"/sys/fs/cgroup/cpu.max", "fast 0\n"},
                                        {"/sys/fs/cgroup/memory.max", ""}});
  EXPECT_FALSE(limits.cpus.has_value());
  EXPECT_FALSE(limits.memory_bytes.has_value());
}

TEST(Limits, QuotaCutsAndRoundsUp) {
  EXPECT_EQ(cut_to_quota(8, std::nullopt), 8);
  EXPECT_EQ(cut_to_quota(8, 1.5), 2);
  EXPECT_EQ(cut_to_quota(8, 0.2), 1);
  EXPECT_EQ(cut_to_quota(2, 64.0), 2);
  EXPECT_EQ(cut_to_quota(0, std::nullopt), 1);
}

TEST(Limits, ThreadsOfOneCoreCountOnce) {
  const ReadFile two_cores = [](const std::string& path) -> std::optional<std::string> {
    if (path.rfind("/sys/devices/system/cpu/cpu", 0) != 0) return std::nullopt;
    const bool even = path.find("cpu0/") != path.npos || path.find("cpu2/") != path.npos;
    return even ? "0,2\n" : "1,3\n";
  };
  EXPECT_EQ(cores_of({0, 1, 2, 3}, two_cores), 2);
  EXPECT_EQ(cores_of({1, 3}, two_cores), 1);
  const ReadFile nothing = [](const std::string&) { return std::optional<std::string>(); };
  EXPECT_EQ(cores_of({0, 1, 2}, nothing), 3);
}

TEST(Limits, ProcessorsNearADevice) {
  const ReadFile one_device = [](const std::string& path) -> std::optional<std::string> {
    if (path == "/sys/bus/pci/devices/0000:0b:00.0/local_cpulist") return "0-2,8,10-11\n";
    return std::nullopt;
  };
  EXPECT_EQ(cpus_near_pci("0000:0B:00.0", one_device), (std::vector<int32_t>{0, 1, 2, 8, 10, 11}));
  EXPECT_TRUE(cpus_near_pci("0000:0C:00.0", one_device).empty());
  const ReadFile rubbish = [](const std::string&) { return std::optional<std::string>("x,-,3"); };
  EXPECT_EQ(cpus_near_pci("0000:0B:00.0", rubbish), (std::vector<int32_t>{3}));
}

TEST(Limits, AffinityIsHonoured) {
  // In a thread of its own: masks belong to threads.
  size_t pinned = 0;
  std::thread([&] {
    cpu_set_t all;
    ASSERT_EQ(::sched_getaffinity(0, sizeof all, &all), 0);
    int first = 0;
    while (!CPU_ISSET(first, &all)) ++first;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(first, &one);
    ASSERT_EQ(::sched_setaffinity(0, sizeof one, &one), 0);
    pinned = affinity_cpus().size();
  }).join();
  EXPECT_EQ(pinned, 1U);
}

TEST(Limits, ThisProcessHasSomething) {
  EXPECT_GE(usable_cores(), 1);
  EXPECT_GE(usable_cpus(), usable_cores());
  EXPECT_GT(usable_memory_bytes(), 0);
}

}  // namespace
}  // namespace blasx::topology
