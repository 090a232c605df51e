// SPDX-License-Identifier: Apache-2.0
// Ways through a machine's links. Pure values computed once from a Machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "blasx/device/sim/machine.hpp"

namespace blasx::device::sim {

// One direction of a link, or both of one that is not duplex: what transfers share.
struct Lane {
  int32_t link = 0;
  bool back = false;
  double bytes_per_s = 0;
};

struct Way {
  std::vector<int32_t> links;  // lanes in the order they are passed; empty: no way
  double bytes_per_s = 0;      // of the narrowest
  double latency_s = 0;
};

class Routes {
 public:
  explicit Routes(const Machine& machine);

  const std::vector<Lane>& lanes() const { return lanes_; }
  // Between home (0) and devices (1 + d): the widest way, of those the shortest. None passes through home or a device.
  const Way& way(size_t from, size_t to) const { return ways_[from * side_ + to]; }

  // What a scheduler is told: [from][to], home first, 0 where there is no way or peers may not.
  std::vector<double> link_table(const Machine& machine, const std::vector<int32_t>& devices) const;

 private:
  void find_ways_from(const Machine& machine, size_t from);

  size_t side_;
  std::vector<Lane> lanes_;
  std::vector<int32_t> lane_of_;  // [link][back]
  std::vector<Way> ways_;
};

}  // namespace blasx::device::sim
