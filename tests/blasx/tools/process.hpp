// SPDX-License-Identifier: Apache-2.0
// Runs a program and keeps what it said. The value owns nothing but text.
#pragma once

#include <string>
#include <vector>

namespace blasx::test {

struct Outcome {
  int status = -1;  // exit status, -1 if it did not end by itself
  std::string out;
  std::string err;
};

// `command[0]` is a path. `variables` are NAME=value, added to the environment.
Outcome run_process(const std::vector<std::string>& command,
                    const std::vector<std::string>& variables = {});

}  // namespace blasx::test
