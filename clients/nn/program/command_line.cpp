// SPDX-License-Identifier: Apache-2.0
#include "clients/nn/program/command_line.hpp"

#include <cstdlib>

#include "clients/nn/error.hpp"

namespace nn {

void parse_command_line(CLI::App& app, int argc, char** argv) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) {
    std::exit(app.exit(asked));  // NOLINT(concurrency-mt-unsafe): before any thread
  } catch (const CLI::ParseError& error) {
    throw Error(error.what());
  }
}

}  // namespace nn
