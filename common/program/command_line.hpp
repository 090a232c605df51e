// SPDX-License-Identifier: Apache-2.0
// A program's command line, read by CLI11.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>

namespace blasx {

// Reads the line into what `app` has been told of. What it returns is the status with which the program has to end now: 0 when help or
// the version was asked for, which is printed, 2 when the line is wrong, which is said in one line on standard error.
std::optional<int> parse_command_line(CLI::App& app, int argc, char** argv);

}  // namespace blasx
