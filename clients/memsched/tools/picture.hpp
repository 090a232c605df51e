// SPDX-License-Identifier: Apache-2.0
// Memory over the 2N steps, drawn.
#pragma once

#include <string>
#include <vector>

#include "clients/memsched/tools/ladder.hpp"

namespace memsched::tools {

// An SVG picture: a line for each row that is a plan; for the last also its workspaces and replays.
std::string picture(const Setting& setting, const std::vector<Row>& rows);

}  // namespace memsched::tools
