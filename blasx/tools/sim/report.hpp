// SPDX-License-Identifier: Apache-2.0
// Simulated runs as text, JSON, a picture and a timeline. Pure functions of the outcomes.
#pragma once

#include <string>
#include <vector>

#include "blasx/runtime/sim/run.hpp"

namespace blasx::tools::sim {

struct Row {
  std::string machine;
  std::string routine;  // "dgemm"
  int64_t m = 0, n = 0, k = 0;
  double speed_up = 0;  // over one device, 0: not known
  runtime::sim::Outcome outcome;
};

// One line a run, and what the columns mean above.
std::string table_text(const std::vector<Row>& rows);
// Devices and links of one run.
std::string detail_text(const Row& row);
// One JSON object a line.
std::string json_lines(const std::vector<Row>& rows);

// Who did what when: a bar for kernels, copies in and copies out of each device. Needs the outcome's spans.
std::string gantt_svg(const Row& row);
// A timeline that Perfetto opens.
std::string timeline_json(const Row& row);

}  // namespace blasx::tools::sim
