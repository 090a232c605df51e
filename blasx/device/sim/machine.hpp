// SPDX-License-Identifier: Apache-2.0
// A machine as a machine file describes it: kinds of devices with their rates, devices, links, who may copy from whom.
// Plain values, owned by whoever read or built them.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "blasx/tile/call.hpp"
#include "blasx/tile/rate_curve.hpp"

namespace blasx::device::sim {

// Kernels that have a rate of their own; hemm counts as symm, herk as syrk, her2k as syr2k, gemmt as gemm. GemmNt is gemm with B
// alone transposed, as in most steps of a syrk: processors' libraries are slower in it.
enum class Family : uint8_t { Gemm, Symm, Syrk, Syr2k, Trmm, Trsm, GemmNt };
inline constexpr int kFamilyCount = 7;

using tile::RatePoint;

struct DeviceKind {
  std::string name;
  bool at_home = false;           // works on the caller's memory, as the processor does
  double memory_bytes = 0;        // that an arena may take
  int32_t streams = 4;            // tasks in progress at once
  int32_t units = 1;              // kernels that run at the same time, each at the full rate
  int32_t copies_in = 1;          // copies at once from home
  int32_t copies_out = 1;         // to home
  int32_t copies_from_peers = 0;  // 0: they share the queue of those from home
  // The most that one copy reaches from home, to home, from a peer; 0: only links set a limit.
  double copy_in_bytes_per_s = 0, copy_out_bytes_per_s = 0, copy_peer_bytes_per_s = 0;
  double launch_us = 0;  // before each kernel
  std::array<std::array<std::vector<RatePoint>, kFamilyCount>, kTypeCount>
      rates;  // by edge, rising
};

struct DeviceEntry {
  std::string name;
  int32_t kind = 0;
};

// Between two of: "home", devices, and other nodes (switches, root complexes), which are named by being linked.
struct Link {
  int32_t from = 0, to = 0;  // nodes
  double bytes_per_s = 0;    // each way
  double bytes_per_s_back = 0;
  bool duplex = true;  // else both ways share one rate
  double latency_us = 0;
};

struct Machine {
  std::string name;
  std::string description;
  std::vector<DeviceKind> kinds;
  std::vector<DeviceEntry> devices;
  std::vector<std::string> nodes;  // 0 is home, 1 + d device d, then the others
  std::vector<Link> links;
  std::vector<std::vector<bool>> peers;  // [from][to]: device `to` may copy out of device `from`
  // Processor cores that kernels and copies of all devices share, for devices that are made of host threads; 0: they need none.
  int32_t cores = 0;

  const DeviceKind& kind_of(size_t device) const {
    return kinds[static_cast<size_t>(devices[device].kind)];
  }
};

const char* family_name(Family f);

}  // namespace blasx::device::sim
