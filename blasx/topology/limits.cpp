// SPDX-License-Identifier: Apache-2.0
#include "blasx/topology/limits.hpp"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string_view>
#include <system_error>

#include "common/parse.hpp"

namespace blasx::topology {
namespace {

const std::string kRoot = "/sys/fs/cgroup";

// Kernels write "no limit" in version 1 as the largest number of whole pages.
constexpr int64_t kNoMemoryLimit = int64_t{1} << 62;

constexpr int64_t kHighestCpu = 1 << 16;

void tighten(std::optional<double>& limit, double value) {
  if (value > 0) limit = limit ? std::min(*limit, value) : value;
}
void tighten(std::optional<int64_t>& limit, int64_t value) {
  if (value > 0 && value < kNoMemoryLimit) limit = limit ? std::min(*limit, value) : value;
}

std::optional<int64_t> read_number(const ReadFile& read, const std::string& path) {
  const auto text = read(path);
  if (!text) return std::nullopt;
  const auto value = parse::integer(*text);
  if (!value) return std::nullopt;
  return *value;
}

// "150000 100000" or "max 100000".
void read_version2(const ReadFile& read, const std::string& folder, GroupLimits& limits) {
  if (const auto text = read(folder + "/cpu.max")) {
    const auto words = parse::split(*text, ' ');
    if (words.size() == 2) {
      const auto quota = parse::real(words[0]);
      const auto period = parse::real(words[1]);
      if (quota && period && *period > 0) tighten(limits.cpus, *quota / *period);
    }
  }
  if (const auto bytes = read_number(read, folder + "/memory.max")) {
    tighten(limits.memory_bytes, *bytes);
  }
}

void read_version1(const ReadFile& read, const std::string& folder, GroupLimits& limits) {
  const auto quota = read_number(read, folder + "/cpu.cfs_quota_us");
  const auto period = read_number(read, folder + "/cpu.cfs_period_us");
  if (quota && period && *period > 0) {
    tighten(limits.cpus, static_cast<double>(*quota) / static_cast<double>(*period));
  }
  if (const auto bytes = read_number(read, folder + "/memory.limit_in_bytes")) {
    tighten(limits.memory_bytes, *bytes);
  }
}

// The group, its parent, and so on to the root. Inside a container the path may not exist below the
// mount; the root then holds the container's own limits.
template <typename Read>
void walk_up(const std::string& mount, std::string path, Read read) {
  while (true) {
    while (!path.empty() && path.back() == '/') path.pop_back();
    read(mount + path);
    if (path.empty()) return;
    const size_t slash = path.rfind('/');
    path.resize(slash == std::string::npos ? 0 : slash);
  }
}

}  // namespace

std::optional<std::string> read_system_file(const std::string& path) {
  std::ifstream file(path);
  if (!file) return std::nullopt;
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

GroupLimits group_limits(const ReadFile& read) {
  GroupLimits limits;
  const auto membership = read("/proc/self/cgroup");
  if (!membership) return limits;
  for (const std::string_view line : parse::split(*membership, '\n')) {
    // number:controllers:path
    const size_t first = line.find(':');
    const size_t second = first == std::string_view::npos ? first : line.find(':', first + 1);
    if (second == std::string_view::npos) continue;
    const std::string controllers(line.substr(first + 1, second - first - 1));
    const std::string path(line.substr(second + 1));
    if (controllers.empty()) {
      walk_up(kRoot, path, [&](const std::string& folder) { read_version2(read, folder, limits); });
      continue;
    }
    for (const std::string_view controller : parse::split(controllers, ',')) {
      if (controller != "cpu" && controller != "memory") continue;
      walk_up(kRoot + "/" + std::string(controller), path,
              [&](const std::string& folder) { read_version1(read, folder, limits); });
    }
  }
  return limits;
}

std::vector<int32_t> affinity_cpus() {
  std::vector<int32_t> numbers;
  // Machines may have more threads than a cpu_set_t holds; the kernel then asks for a longer mask.
  constexpr int kMostCpus = 1 << 16;
  for (int cpus = CPU_SETSIZE; cpus <= kMostCpus; cpus *= 4) {
    std::vector<cpu_set_t> mask(static_cast<size_t>(cpus) / CPU_SETSIZE);
    const size_t bytes = mask.size() * sizeof(cpu_set_t);
    if (::sched_getaffinity(0, bytes, mask.data()) != 0) continue;
    for (int cpu = 0; cpu < cpus; ++cpu) {
      if (CPU_ISSET_S(static_cast<size_t>(cpu), bytes, mask.data())) numbers.push_back(cpu);
    }
    return numbers;
  }
  for (int32_t cpu = 0; cpu < ::sysconf(_SC_NPROCESSORS_ONLN); ++cpu) numbers.push_back(cpu);
  return numbers;
}

int32_t cores_of(const std::vector<int32_t>& cpus, const ReadFile& read) {
  std::set<std::string> cores;
  for (const int32_t cpu : cpus) {
    const std::string folder = "/sys/devices/system/cpu/cpu" + std::to_string(cpu);
    const auto siblings = read(folder + "/topology/thread_siblings_list");
    if (!siblings) return static_cast<int32_t>(cpus.size());
    cores.insert(*siblings);
  }
  return static_cast<int32_t>(cores.size());
}

std::vector<int32_t> cpus_near_pci(const std::string& address, const ReadFile& read) {
  std::string folder = address;
  std::transform(folder.begin(), folder.end(), folder.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  std::vector<int32_t> cpus;
  const auto list = read("/sys/bus/pci/devices/" + folder + "/local_cpulist");
  if (!list) return cpus;
  for (const std::string_view range : parse::split(parse::trim(*list), ',')) {
    const size_t dash = range.find('-');
    const auto first = parse::integer_in(range.substr(0, dash), 0, kHighestCpu);
    const auto last = dash == std::string_view::npos
                          ? first
                          : parse::integer_in(range.substr(dash + 1), 0, kHighestCpu);
    if (!first || !last) continue;
    for (int64_t cpu = *first; cpu <= *last; ++cpu) cpus.push_back(static_cast<int32_t>(cpu));
  }
  return cpus;
}

int32_t nvidia_gpus() {
  std::error_code error;
  int32_t count = 0;
  for (std::filesystem::directory_iterator it("/proc/driver/nvidia/gpus", error), end;
       !error && it != end; it.increment(error))
    ++count;
  // Under Windows the driver is on the other side of this file.
  if (count == 0 && std::filesystem::exists("/dev/dxg", error)) return 1;
  return count;
}

int32_t cut_to_quota(int32_t count, std::optional<double> quota) {
  const double limit = quota ? std::ceil(*quota) : count;
  return static_cast<int32_t>(std::max(1.0, std::min<double>(count, limit)));
}

int32_t usable_cores() {
  return cut_to_quota(cores_of(affinity_cpus(), read_system_file),
                      group_limits(read_system_file).cpus);
}

int32_t usable_cpus() {
  return cut_to_quota(static_cast<int32_t>(affinity_cpus().size()),
                      group_limits(read_system_file).cpus);
}

int64_t usable_memory_bytes() {
  const int64_t physical = int64_t{::sysconf(_SC_PHYS_PAGES)} * ::sysconf(_SC_PAGESIZE);
  const auto limit = group_limits(read_system_file).memory_bytes;
  return limit ? std::min(physical, *limit) : std::max<int64_t>(physical, 0);
}

}  // namespace blasx::topology
