// SPDX-License-Identifier: Apache-2.0
#include "blasx/topology/topology.hpp"

#include <unistd.h>

#include <algorithm>
#include <set>

#include "blasx/topology/hwloc_library.hpp"
#include "common/parse.hpp"

namespace blasx::topology {
namespace {

std::string processor_name() {
  const auto cpuinfo = read_system_file("/proc/cpuinfo");
  if (!cpuinfo) return {};
  for (const std::string_view line : parse::split(*cpuinfo, '\n')) {
    if (line.rfind("model name", 0) != 0) continue;
    const size_t colon = line.find(':');
    if (colon != std::string_view::npos) return std::string(parse::trim(line.substr(colon + 1)));
  }
  return {};
}

// One loaded topology, asked through the library's function table.
class Query {
 public:
  explicit Query(const HwlocLibrary& library) : library_(library) {
    loaded_ = library_.topology_init(&topology_) == 0;
    if (loaded_ && library_.topology_load(topology_) != 0) {
      library_.topology_destroy(topology_);
      loaded_ = false;
    }
  }
  ~Query() {
    if (loaded_) library_.topology_destroy(topology_);
  }
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  bool loaded() const { return loaded_; }

  // Calls `use` with each object of the type.
  template <typename F>
  void each(hwloc_obj_type_t type, F use) const {
    const int depth = library_.get_type_depth(topology_, type);
    if (depth == HWLOC_TYPE_DEPTH_UNKNOWN || depth == HWLOC_TYPE_DEPTH_MULTIPLE) return;
    const unsigned count = library_.get_nbobjs_by_depth(topology_, depth);
    for (unsigned i = 0; i < count; ++i) {
      const hwloc_obj_t object = library_.get_obj_by_depth(topology_, depth, i);
      if (object != nullptr) use(*object);
    }
  }

  int32_t count(hwloc_obj_type_t type) const {
    int32_t found = 0;
    each(type, [&](const hwloc_obj&) { ++found; });
    return found;
  }

  int32_t cpus_of(const hwloc_obj& object) const {
    return object.cpuset == nullptr ? 0 : std::max(0, library_.bitmap_weight(object.cpuset));
  }

 private:
  const HwlocLibrary& library_;
  hwloc_topology_t topology_ = nullptr;
  bool loaded_ = false;
};

void add_cache(std::vector<Cache>& caches, int32_t level, int64_t bytes) {
  for (Cache& cache : caches) {
    if (cache.level == level && cache.bytes == bytes) {
      ++cache.count;
      return;
    }
  }
  caches.push_back({.level = level, .bytes = bytes, .count = 1});
}

void ask_hwloc(const Query& query, Machine& machine) {
  machine.packages = std::max(1, query.count(HWLOC_OBJ_PACKAGE));
  machine.cores = std::max(1, query.count(HWLOC_OBJ_CORE));
  machine.cpus = std::max(1, query.count(HWLOC_OBJ_PU));
  machine.numa.clear();
  query.each(HWLOC_OBJ_NUMANODE, [&](const hwloc_obj& node) {
    machine.numa.push_back({.number = static_cast<int32_t>(node.os_index),
                            .memory_bytes = static_cast<int64_t>(node.attr->numanode.local_memory),
                            .cpus = query.cpus_of(node)});
  });
  constexpr hwloc_obj_type_t kLevels[] = {HWLOC_OBJ_L1CACHE, HWLOC_OBJ_L2CACHE, HWLOC_OBJ_L3CACHE,
                                          HWLOC_OBJ_L4CACHE};
  for (int32_t level = 1; level <= 4; ++level) {
    query.each(kLevels[level - 1], [&](const hwloc_obj& cache) {
      add_cache(machine.caches, level, static_cast<int64_t>(cache.attr->cache.size));
    });
  }
}

}  // namespace

Machine discover_from_system_files() {
  Machine machine;
  machine.processor = processor_name();
  machine.cpus = static_cast<int32_t>(std::max(1L, ::sysconf(_SC_NPROCESSORS_ONLN)));
  std::vector<int32_t> numbers;
  std::set<std::string> packages;
  for (int32_t cpu = 0; cpu < machine.cpus; ++cpu) {
    numbers.push_back(cpu);
    const std::string folder = "/sys/devices/system/cpu/cpu" + std::to_string(cpu);
    const auto package = read_system_file(folder + "/topology/physical_package_id");
    if (package) packages.insert(*package);
  }
  machine.cores = cores_of(numbers, read_system_file);
  machine.packages = std::max(1, static_cast<int32_t>(packages.size()));
  machine.usable_cores = usable_cores();
  machine.usable_cpus = usable_cpus();
  machine.memory_bytes = int64_t{::sysconf(_SC_PHYS_PAGES)} * ::sysconf(_SC_PAGESIZE);
  machine.usable_memory_bytes = usable_memory_bytes();
  machine.numa = {{.number = 0, .memory_bytes = machine.memory_bytes, .cpus = machine.cpus}};
  machine.source = "system files";
  return machine;
}

Machine discover() {
  Machine machine = discover_from_system_files();
  const HwlocLibrary* library = hwloc_library();
  if (library == nullptr) return machine;
  const Query query(*library);
  if (!query.loaded()) return machine;
  ask_hwloc(query, machine);
  machine.source = "hwloc";
  return machine;
}

}  // namespace blasx::topology
