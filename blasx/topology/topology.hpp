// SPDX-License-Identifier: Apache-2.0
// What this machine is made of. A plain value; discover() fills it and keeps nothing.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "blasx/topology/limits.hpp"

namespace blasx::topology {

struct Cache {
  int32_t level = 1;
  int64_t bytes = 0;
  int32_t count = 1;  // how many of this size the machine has
};

struct NumaNode {
  int32_t number = 0;  // as the operating system counts
  int64_t memory_bytes = 0;
  int32_t cpus = 0;
};

struct Machine {
  std::string processor;  // "AMD EPYC 7B13", empty if unknown
  int32_t packages = 1;
  int32_t cores = 1;
  int32_t cpus = 1;          // hardware threads
  int32_t usable_cores = 1;  // that this process may use: affinity and quota
  int32_t usable_cpus = 1;
  int64_t memory_bytes = 0;
  int64_t usable_memory_bytes = 0;
  std::vector<NumaNode> numa;
  std::vector<Cache> caches;  // data and unified ones, smallest level first
  std::string source;         // "hwloc" or "system files"
};

// Asks hwloc, which is opened for the occasion: linking it would cost every program that loads
// libblasx 0.3 ms and 0.7 MB, offloading or not. Where it is missing, the system's own files answer
// with less. Takes milliseconds.
Machine discover();

// The part of it without hwloc.
Machine discover_from_system_files();

}  // namespace blasx::topology
