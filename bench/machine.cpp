// SPDX-License-Identifier: Apache-2.0
#include "bench/machine.hpp"

#include <sched.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace blasx::bench {
namespace {

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string trimmed(const std::string& text) {
  const size_t first = text.find_first_not_of(" \t\n");
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(" \t\n") - first + 1);
}

std::vector<std::string> caches_of_first_core() {
  std::vector<std::string> caches;
  for (int i = 0; i < 8; ++i) {
    const std::string folder = "/sys/devices/system/cpu/cpu0/cache/index" + std::to_string(i) + "/";
    const std::string type = trimmed(read_file(folder + "type"));
    if (type.empty() || type == "Instruction") continue;
    caches.push_back("L" + trimmed(read_file(folder + "level")) + (type == "Data" ? "d " : " ") +
                     trimmed(read_file(folder + "size")));
  }
  return caches;
}

// The script that runs all benchmarks knows the commit; a benchmark run by hand asks where it stands.
std::string current_commit() {
  if (const char* given = std::getenv("BENCH_COMMIT")) return given;
  FILE* pipe = popen("git describe --always --dirty 2>/dev/null", "r");
  if (pipe == nullptr) return "unknown";
  char line[128] = "";
  const bool said = std::fgets(line, sizeof line, pipe) != nullptr;
  pclose(pipe);
  return said ? trimmed(line) : "unknown";
}

int usable_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

}  // namespace

std::string field_of(const std::string& text, const std::string& key) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const size_t colon = line.find(':');
    if (colon != std::string::npos && trimmed(line.substr(0, colon)) == key)
      return trimmed(line.substr(colon + 1));
  }
  return "";
}

Machine describe_machine(std::string host_blas) {
  Machine machine;
  const std::string information = read_file("/proc/cpuinfo");
  machine.processor = field_of(information, "model name") + " (family " +
                      field_of(information, "cpu family") + ", model " +
                      field_of(information, "model") + ")";
  machine.cores = usable_cores();
  machine.caches = caches_of_first_core();
  machine.memory_bytes = static_cast<int64_t>(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGESIZE);
  utsname name{};
  if (uname(&name) == 0) machine.kernel = std::string(name.sysname) + " " + name.release;
#if defined(__clang__)
  machine.compiler = "clang " __clang_version__;
#else
  machine.compiler = "gcc " __VERSION__;
#endif
  machine.commit = current_commit();
  machine.host_blas = std::move(host_blas);
  return machine;
}

}  // namespace blasx::bench
