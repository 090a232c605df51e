// SPDX-License-Identifier: Apache-2.0
#include "clients/memsched/tools/depth.hpp"

#include <algorithm>

#include "clients/memsched/plan/planner.hpp"

namespace memsched::tools {
namespace {

using nn::graph::Blocks;
using nn::graph::resnet_depth;

constexpr int64_t kMostBlocks = 4096;

// The paper's 6, 32, n, 6 where that many blocks are there; fewer in the second stage for shallow ones.
Blocks blocks_of(int64_t middle) {
  const int64_t second = std::min<int64_t>(32, middle - 1);
  return {6, second, middle - second, 6};
}

}  // namespace

Deepest deepest(const Options& options, const Memory& memory, int64_t batch, int64_t image,
                const std::function<void(int64_t)>& progress) {
  const auto fits = [&](int64_t middle) {
    progress(resnet_depth(blocks_of(middle)));
    const auto network = nn::graph::resnet(blocks_of(middle), {batch, 3, image, image}, 1000);
    const int64_t left = memory.device_bytes - fixed_bytes(network, memory);
    if (left <= 0) return false;
    Options with = options;
    with.budget_bytes = left;
    return plan(network, paper_costs(network), with).schedule.has_value();
  };
  int64_t good = 1, bad = 2;
  while (bad <= kMostBlocks && fits(bad)) {
    good = bad;
    bad *= 2;
  }
  while (bad <= kMostBlocks && bad - good > 1) {
    const int64_t middle = (good + bad) / 2;
    (fits(middle) ? good : bad) = middle;
  }
  if (good == 1) return {};
  const Blocks blocks = blocks_of(good);
  return {blocks, resnet_depth(blocks), bad > kMostBlocks};
}

}  // namespace memsched::tools
