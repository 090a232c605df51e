// SPDX-License-Identifier: Apache-2.0
// What LD_PRELOAD=libblasx.so costs a program that never calls BLAS: time from start to end, resident memory, threads.
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <stdexcept>

#include "bench/options.hpp"
#include "common/program/command_line.hpp"

namespace {

using namespace blasx::bench;  // NOLINT: a program's own file

void start_and_wait(const std::string& program, const std::string& preload) {
  std::string name = program;
  std::string variable = "LD_PRELOAD=" + preload;
  char* arguments[] = {name.data(), nullptr};
  char* environment[] = {preload.empty() ? nullptr : variable.data(), nullptr};
  pid_t child = 0;
  if (posix_spawn(&child, name.c_str(), nullptr, nullptr, arguments, environment) != 0) {
    throw std::runtime_error("cannot start " + program);
  }
  int status = 0;
  if (waitpid(child, &status, 0) != child || status != 0)
    throw std::runtime_error(program + " failed");
}

struct Weight {
  long resident_kb = 0;
  long threads = 0;
};

// The least of several runs: pages that the kernel shares or not are not the library's doing.
Weight weigh(const std::string& program, const std::string& preload) {
  Weight least{1L << 40, 0};
  for (int i = 0; i < 9; ++i) {
    const std::string command =
        (preload.empty() ? "" : "LD_PRELOAD='" + preload + "' ") + "'" + program + "' libblasx";
    FILE* pipe = popen(command.c_str(), "r");
    if (pipe == nullptr) throw std::runtime_error("cannot start " + program);
    char line[256];
    Weight weight;
    int loaded = 0;
    while (std::fgets(line, sizeof line, pipe) != nullptr) {
      std::sscanf(line, "VmRSS: %ld", &weight.resident_kb);
      std::sscanf(line, "Threads: %ld", &weight.threads);
      std::sscanf(line, "Loaded: %d", &loaded);
    }
    pclose(pipe);
    if ((loaded == 1) == preload.empty())
      throw std::runtime_error(preload.empty() ? "libblasx is loaded without being asked for"
                                               : preload + " is not loaded");
    if (weight.resident_kb > 0 && weight.resident_kb < least.resident_kb) least = weight;
  }
  return least;
}

}  // namespace

// NOLINTNEXTLINE(bugprone-exception-escape): out of memory, a program may end so
int main(int argc, char** argv) {
  std::string ours = "libblasx.so", child;
  Settings settings;
  settings.samples = 301;
  CLI::App app("The price of loading libblasx and not using it");
  app.add_option("--ours", ours, "libblasx.so")->capture_default_str();
  app.add_option("--child", child, "bench_load_child")->required();
  add_settings(app, settings);
  if (const auto status = blasx::parse_command_line(app, argc, argv)) return *status;
  settings.command = command_line(argc, argv);
  try {
    const Weight with = weigh(child, ours), without = weigh(child, "");
    Harness harness("load", "none", settings);
    harness.report().peer = "without it";
    Case what;
    what.name = "start to end of a small program";
    what.ours = [&] { start_and_wait(child, ours); };
    what.peer = [&] { start_and_wait(child, ""); };
    harness.run(what);
    std::printf(
        "resident memory: %ld kB with libblasx, %ld kB without, %ld kB more; threads: %ld\n",
        with.resident_kb, without.resident_kb, with.resident_kb - without.resident_kb,
        with.threads);
    return harness.finish();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_load: %s\n", error.what());
    return 1;
  }
}
