// SPDX-License-Identifier: Apache-2.0
#include "blasx/device/sim/flows.hpp"

#include <algorithm>
#include <limits>

namespace blasx::device::sim {

void share_lanes(std::vector<Flow>& flows, const std::vector<double>& lane_bytes_per_s) {
  constexpr double kNone = -1;
  std::vector<double> left = lane_bytes_per_s;
  std::vector<int32_t> users(left.size(), 0);
  for (Flow& flow : flows) {
    flow.rate = kNone;
    for (const int32_t lane : *flow.lanes) ++users[static_cast<size_t>(lane)];
  }
  for (size_t open = flows.size(); open > 0;) {
    // The smallest fair share of any lane, or a smaller limit of a flow's own, is what those concerned get.
    double least = std::numeric_limits<double>::infinity();
    for (size_t l = 0; l < left.size(); ++l) {
      if (users[l] > 0) least = std::min(least, std::max(left[l], 0.0) / users[l]);
    }
    for (const Flow& flow : flows) {
      if (flow.rate == kNone && flow.most > 0) least = std::min(least, flow.most);
    }
    const auto is_full = [&](int32_t lane) {
      const auto l = static_cast<size_t>(lane);
      return std::max(left[l], 0.0) / users[l] <= least;
    };
    std::vector<Flow*> settled;
    for (Flow& flow : flows) {
      if (flow.rate != kNone) continue;
      const bool own_limit = flow.most > 0 && flow.most <= least;
      if (own_limit || std::any_of(flow.lanes->begin(), flow.lanes->end(), is_full)) {
        settled.push_back(&flow);
      }
    }
    for (Flow* flow : settled) {
      flow->rate = least;
      for (const int32_t lane : *flow->lanes) {
        left[static_cast<size_t>(lane)] -= least;
        --users[static_cast<size_t>(lane)];
      }
    }
    open -= settled.size();
  }
}

}  // namespace blasx::device::sim
