// SPDX-License-Identifier: Apache-2.0
#include "clients/memsched/tools/ladder.hpp"

namespace memsched::tools {

std::vector<Rung> rungs() {
  return {{"nothing", {}},
          {"+ liveness", {true, false, false, false, false}},
          {"+ offload", {true, true, false, false, false}},
          {"+ recompute", {true, true, false, true, false}}};
}

std::vector<Row> ladder(const Setting& setting, Replay replay) {
  const Rungs formula = paper_rungs(setting.network, setting.costs);
  const std::vector<int64_t> peaks{formula.nothing, formula.liveness, formula.offload,
                                   formula.recompute};
  std::vector<Row> rows;
  for (const Rung& rung : rungs())
    rows.push_back({rung.name, plan(setting.network, setting.costs, {rung.switches, replay}),
                    peaks[rows.size()]});
  return rows;
}

}  // namespace memsched::tools
