// SPDX-License-Identifier: Apache-2.0
// A program's command line, read by CLI11.
#pragma once

#include <CLI/CLI.hpp>

namespace nn {

// Reads the line into what `app` has been told of; throws Error. Prints help and ends the program, when it was asked for, so call it
// before there is any thread.
void parse_command_line(CLI::App& app, int argc, char** argv);

}  // namespace nn
