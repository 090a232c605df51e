// SPDX-License-Identifier: Apache-2.0
// Command line that all benchmarks share.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "bench/harness.hpp"

namespace blasx::bench {

// Fills `settings` when the line is parsed.
void add_settings(CLI::App& app, Settings& settings);

// Sets environment variables given as NAME=value; before any library reads them.
void set_environment(const std::vector<std::string>& pairs);

}  // namespace blasx::bench
