// SPDX-License-Identifier: Apache-2.0
// The deepest ResNet that a memory takes: blocks 6, 32, n, 6, as the paper went deeper; 6, n, 1, 6 below that.
#pragma once

#include <cstdint>
#include <functional>

#include "clients/memsched/plan/switches.hpp"
#include "clients/memsched/tools/setting.hpp"
#include "clients/nn/graph/zoo.hpp"

namespace memsched::tools {

struct Deepest {
  nn::graph::Blocks blocks{};
  int64_t depth = 0;    // 0: not even blocks 6, 1, 1, 6 fit
  bool at_end = false;  // the search ended here, not the memory
};
// What fits gets fewer with the depth, so that is doubled, then halved in. `progress` hears each depth tried.
Deepest deepest(const Options& options, const Memory& memory, int64_t batch, int64_t image,
                const std::function<void(int64_t)>& progress);

}  // namespace memsched::tools
