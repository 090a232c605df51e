// SPDX-License-Identifier: Apache-2.0
// The same network planned with one technique more on each rung, and by other policies.
#pragma once

#include <string>
#include <vector>

#include "clients/memsched/plan/planner.hpp"
#include "clients/memsched/tools/setting.hpp"

namespace memsched::tools {

struct Rung {
  std::string name;
  Switches switches;
};
// nothing, + liveness, + offload, + recompute: eager, and whatever they take.
std::vector<Rung> rungs();

struct Row {
  std::string name;
  Outcome outcome;
  int64_t papers_peak = 0;  // by the formula, 0 where there is none
};
std::vector<Row> ladder(const Setting& setting, Replay replay);

}  // namespace memsched::tools
