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

// Hardware threads in the calling thread's affinity mask, as the system numbers them.
std::vector<int32_t> affinity_cpus();
// Physical cores that these belong to; as many as there are numbers where the system does not say.
int32_t cores_of(const std::vector<int32_t>& cpus, const ReadFile& read);

// Hardware threads near the device at this PCI address ("0000:0B:00.0"); none where the system does not say.
std::vector<int32_t> cpus_near_pci(const std::string& address, const ReadFile& read);

// GPUs that NVIDIA's driver knows, without a call of CUDA; 0 without the driver.
int32_t nvidia_gpus();

// `count` cut down to the quota, rounded up, at least 1.
int32_t cut_to_quota(int32_t count, std::optional<double> quota);

// How many computing threads are worth starting now: one a core, since two on one core share its
// multipliers.
int32_t usable_cores();
// Hardware threads that the process may run on now.
int32_t usable_cpus();

// Physical memory, cut down to the group's limit. 0 if the system does not say.
int64_t usable_memory_bytes();

}  // namespace blasx::topology
