// SPDX-License-Identifier: Apache-2.0
// Plans as tables for people and as JSON for programs.
#pragma once

#include <string>
#include <vector>

#include "clients/memsched/tools/ladder.hpp"

namespace memsched::tools {

std::string heading(const Setting& setting);
std::string ladder_table(const std::vector<Row>& rows, int64_t budget_bytes);
// Each step of the plan: what it holds, its workspace, its replays.
std::string step_table(const Setting& setting, const Schedule& schedule);
std::string workspace_line(const Setting& setting, const Schedule& schedule);
// What the best schedule costs that moves nothing and keeps stages whole or not at all.
std::string chain_line(const Setting& setting);
std::string json_of(const Setting& setting, const std::vector<Row>& rows);

}  // namespace memsched::tools
