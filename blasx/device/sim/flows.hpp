// SPDX-License-Identifier: Apache-2.0
// How transfers that share lanes share their rates: max-min fair, as packets of equal size taking turns do. Pure.
#pragma once

#include <cstdint>
#include <vector>

namespace blasx::device::sim {

struct Flow {
  const std::vector<int32_t>* lanes = nullptr;  // it passes
  double most = 0;  // bytes/s it could use at all; 0: no limit of its own
  double rate = 0;  // what it gets
};

// Sets the rates: nobody can get more without someone with no more than he getting less.
void share_lanes(std::vector<Flow>& flows, const std::vector<double>& lane_bytes_per_s);

}  // namespace blasx::device::sim
