// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <ctime>
#include <fstream>

#include "blasx/tools/info.hpp"
#include "blasx/tools/machine/file.hpp"
#include "common/parse.hpp"

namespace blasx::tools {
namespace {

class Progress {
 public:
  void operator()(double done) const {
    if (!terminal_ || done <= 0) return;
    const double so_far =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    std::fprintf(stderr, "\rmeasuring: %3.0f %%, %.0f s left   ", 100 * done,
                 so_far / done * (1 - done));
  }
  void begin() const {
    if (!terminal_) std::fputs("measuring; this takes some seconds ...\n", stderr);
  }
  void end() const {
    if (terminal_) std::fputs("\r                                    \r", stderr);
  }

 private:
  bool terminal_ = ::isatty(STDERR_FILENO) != 0;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

std::string setting(const Info& info, const std::string& name) {
  for (const blasx_setting& s : info.settings) {
    if (name == s.name) return s.value;
  }
  return "";
}

std::string today() {
  char text[16] = "";
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  if (::localtime_r(&now, &parts) != nullptr) std::strftime(text, sizeof text, "%Y-%m-%d", &parts);
  return text;
}

DescribedMachine described(const Info& info) {
  DescribedMachine machine;
  machine.name = "this machine";
  machine.cores = info.machine.usable_cores;
  machine.streams = static_cast<int32_t>(parse::integer(setting(info, "STREAMS")).value_or(4));
  const std::string blas = info.host_blas.empty() ? "" : info.host_blas.front().name;
  machine.description = info.machine.processor + ", " + std::to_string(machine.cores) +
                        " usable cores, kernels of " + blas;
  machine.source = "measured by blasx-info --machine-file on " + today() + ": " + blas +
                   " on one thread, all cores at work";
  for (const blasx_device& device : info.devices) {
    const std::string name = device.name;
    if (name != "cpu" && name.rfind("host:", 0) != 0) {
      std::fprintf(stderr, "blasx-info: %s is left out: only processors are measured\n",
                   device.name);
      continue;
    }
    machine.devices.push_back({name, device.memory_bytes, device.compute_units, device.link_rate});
  }
  return machine;
}

int refuse(const std::string& path) {
  std::fprintf(stderr, "blasx-info: %s: cannot be written\n", path.c_str());
  return 1;
}

}  // namespace

int write_machine_file(const Info& info, const std::string& path) {
  const DescribedMachine machine = described(info);
  if (machine.devices.empty()) {
    std::fputs("blasx-info: no device to describe; BLASX_DEVICES=cpu or host:2 gives some\n",
               stderr);
    return 1;
  }
  std::ofstream out(path);
  if (!out) return refuse(path);
  Progress progress;
  progress.begin();
  Measuring what;
  what.threads = machine.cores;
  what.progress = progress;
  const Measured measured = measure(what);
  progress.end();
  out << machine_file(machine, measured);
  out.close();
  if (!out) return refuse(path);
  std::printf("%s: %zu device%s; try blasx-sim --machine %s -n 4096\n", path.c_str(),
              machine.devices.size(), machine.devices.size() == 1 ? "" : "s", path.c_str());
  return 0;
}

}  // namespace blasx::tools
