// SPDX-License-Identifier: Apache-2.0
#include "common/program/command_line.hpp"

#include <cstdio>
#include <filesystem>
#include <string>

namespace blasx {

std::optional<int> parse_command_line(CLI::App& app, int argc, char** argv) {
  const std::string name = argc > 0 ? std::filesystem::path(argv[0]).filename().string() : "";
  app.name(name);
  try {
    app.parse(argc, argv);
    return std::nullopt;
  } catch (const CLI::Success& asked) {
    return app.exit(asked);
  } catch (const CLI::ParseError& error) {
    std::fprintf(stderr, "%s: %s; `%s --help` lists what is accepted\n", name.c_str(), error.what(),
                 name.c_str());
    return 2;
  }
}

}  // namespace blasx
