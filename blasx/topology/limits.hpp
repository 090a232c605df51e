// SPDX-License-Identifier: Apache-2.0
// What this process may use of the machine: CPU affinity, CPU and memory limits of its control
// groups. Reads a few small files; no state.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace blasx::topology {

// The content of a small file, nothing if there is none: tests put their own /proc and /sys here.
using ReadFile = std::function<std::optional<std::string>(const std::string& path)>;
std::optional<std::string> read_system_file(const std::string& path);

// The tightest of the limits from the process's own group up to the root, in version 2 or 1 of the
// interface.
struct GroupLimits {
  std::optional<double> cpus;  // 1.5: a quota of 150 ms in each 100 ms
  std::optional<int64_t> memory_bytes;
};
GroupLimits group_limits(const ReadFile& read);

// Hardware threads in the calling thread's affinity mask.
int32_t affinity_cpus();

// How many threads are worth starting: the affinity mask cut down to the quota, rounded up, at
// least 1.
int32_t usable_cpus(int32_t affinity, std::optional<double> quota);
// The same for this process, now.
int32_t usable_cpus();

// Physical memory, cut down to the group's limit. 0 if the system does not say.
int64_t usable_memory_bytes();

}  // namespace blasx::topology
