// SPDX-License-Identifier: Apache-2.0
// blasx-run: starts a program with libblasx preloaded and the settings of its own command line.
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "blasx/tools/program_file.hpp"
#include "blasx/tools/run_options.hpp"

#ifndef BLASX_VERSION
#define BLASX_VERSION "unknown"
#endif

namespace {

constexpr int kUsage = 2;
constexpr int kNoLibrary = 125;
constexpr int kCannotRun = 126;
constexpr int kNotFound = 127;

int fail(int status, const std::string& text) {
  std::fprintf(stderr, "blasx-run: %s\n", text.c_str());
  return status;
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

void print_command(const blasx::tools::RunOptions& options, const std::string& preload) {
  std::printf("LD_PRELOAD=%s", preload.c_str());
  for (const auto& [name, value] : options.environment) {
    std::printf(" %s=%s", name.c_str(), value.c_str());
  }
  for (const std::string& word : options.command) std::printf(" %s", word.c_str());
  std::printf("\n");
}

// Returns only if the program could not be started.
int start(const std::string& program, const std::vector<std::string>& command) {
  std::vector<char*> arguments;
  arguments.reserve(command.size() + 2);
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  ::execv(program.c_str(), arguments.data());
  if (errno == ENOEXEC) {  // a script without #!, which shells run and the kernel does not
    arguments.insert(arguments.begin(), const_cast<char*>("sh"));
    arguments[1] = const_cast<char*>(program.c_str());
    ::execv("/bin/sh", arguments.data());
  }
  return fail(kCannotRun, program + ": " + std::strerror(errno));
}

int run(const std::vector<std::string>& arguments) {
  namespace tools = blasx::tools;
  const auto options = tools::parse_run_options(arguments);
  if (!options) return fail(kUsage, options.error().message());
  if (options->help) return std::fputs(tools::run_help().c_str(), stdout) < 0 ? 1 : 0;
  if (options->version) return std::puts("blasx-run " BLASX_VERSION) < 0 ? 1 : 0;
  if (options->command.empty()) {
    return fail(kUsage, "no program is given; `blasx-run --help` shows examples");
  }

  const auto library = options->library.empty() ? tools::find_library(tools::own_folder())
                                                : tools::whole_path(options->library);
  if (!library) return fail(kNoLibrary, library.error().message());
  const auto preload = tools::preload_value(*library, environment("LD_PRELOAD"));
  if (!preload) return fail(kNoLibrary, preload.error().message());

  const auto program = tools::find_program(options->command[0], environment("PATH"));
  if (!program) {
    const bool missing = program.error().code() == blasx::StatusCode::NotFound;
    return fail(missing ? kNotFound : kCannotRun, program.error().message());
  }
  for (const std::string& obstacle : tools::preload_obstacles(*program)) {
    fail(0, "warning: " + obstacle + "; it runs without");
  }
  if (options->dry_run) {
    print_command(*options, *preload);
    return 0;
  }
  ::setenv("LD_PRELOAD", preload->c_str(), 1);
  for (const auto& [name, value] : options->environment) ::setenv(name.c_str(), value.c_str(), 1);
  return start(*program, options->command);
}

}  // namespace

int main(int argc, char** argv) { return run({argv + 1, argv + argc}); }
