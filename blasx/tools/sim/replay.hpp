// SPDX-License-Identifier: Apache-2.0
// The calls that a program made, from the lines that BLASX_EXPLAIN=1 writes, to be simulated elsewhere. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "blasx/runtime/sim/call.hpp"
#include "common/status.hpp"

namespace blasx::tools::sim {

// Equal calls are one, with how often they were made.
struct ReplayedCall {
  runtime::sim::CallText call;
  std::string flags;
  int64_t count = 0;
  double measured_s = 0;  // all of them, where they ran
  double virtual_s = 0;   // one of them
};

// Other lines of a program's output are passed over; a line that should be a call and is none is refused with its number.
Result<std::vector<ReplayedCall>> calls_of_log(const std::string& text, const std::string& file);

std::string replay_text(const std::string& machine, const std::vector<ReplayedCall>& calls);

}  // namespace blasx::tools::sim
