// SPDX-License-Identifier: Apache-2.0
// Does the simulator know how long a call takes? Real calls on devices made of this machine's cores, and the same calls under the
// virtual clock on a machine file that was measured between them.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <utility>
#include <vector>

#include "bench/machine.hpp"
#include "bench/probe.hpp"
#include "bench/statistics.hpp"
#include "blasx/device/sim/machine_file.hpp"
#include "blasx/runtime/runtime.hpp"
#include "blasx/runtime/sim/call.hpp"
#include "blasx/runtime/sim/run.hpp"
#include "blasx/tools/machine/file.hpp"
#include "blasx/tools/machine/measure.hpp"
#include "blasx/topology/topology.hpp"
#include "common/program/command_line.hpp"

namespace {

using blasx::BlasCall;
namespace run_sim = blasx::runtime::sim;
namespace tools = blasx::tools;

struct Arguments {
  int devices = 2, rounds = 5;
  std::vector<std::string> routines{"dgemm", "dsyrk", "dtrsm", "sgemm", "ssyrk", "strsm"};
  std::vector<int64_t> sizes{2048, 4096};
  double within = 0.1;
};

struct Trial {
  std::string name;
  BlasCall call;
  int64_t tile = 0;
  std::vector<double> measured, busy, virtual_s, ratio;
};

// Random numbers between 0 and 1, A with a heavy diagonal, so that solves stay tame.
template <typename T>
class Matrices {
 public:
  explicit Matrices(int64_t n) : n_(n) {
    for (auto& x : data_) x.resize(static_cast<size_t>(n * n));
    uint32_t state = 1;
    for (auto& x : data_) {
      for (T& value : x) {
        state = state * 1664525U + 1013904223U;
        value = static_cast<T>(state >> 8) * static_cast<T>(0x1p-24) / static_cast<T>(n);
      }
    }
    for (int64_t i = 0; i < n; ++i) data_[0][static_cast<size_t>(i * (n + 1))] = 1;
  }
  void give(BlasCall& call) {
    call.a = data_[0].data();
    call.b = data_[1].data();
    call.c = data_[2].data();
    call.lda = call.ldb = call.ldc = n_;
  }

 private:
  int64_t n_;
  std::array<std::vector<T>, 3> data_;
};

tools::Measured measure(const Arguments& a, int32_t threads) {
  tools::Measuring what;
  what.threads = threads;
  what.types.clear();
  for (const blasx::Type type : {blasx::Type::S, blasx::Type::D}) {
    const bool wanted = std::ranges::any_of(
        a.routines, [&](const auto& r) { return r.front() == blasx::type_letter(type); });
    if (wanted) what.types.push_back(type);
  }
  what.edges = {128, 256, 512, 1024, 2048};  // up to the largest tile of a processor's devices
  what.rounds = 3;
  what.families.clear();
  for (size_t f = 0; f < tools::kKernelFamilies.size(); ++f) {
    const std::string name = tools::kKernelFamilies[f].name;
    const bool wanted = std::any_of(a.routines.begin(), a.routines.end(), [&](const auto& r) {
      return r.substr(1) == name || (name == "gemm_nt" && r.substr(1, 3) == "syr");
    });
    if (f == 0 || wanted) what.families.push_back(f);
  }
  return tools::measure(what);
}

blasx::device::sim::Machine machine_of(blasx::runtime::Runtime& runtime, int cores,
                                       const tools::Measured& measured) {
  tools::DescribedMachine described;
  described.name = "this machine";
  described.description = described.source = "measured just now";
  described.cores = cores;
  described.streams = runtime.options().streams;
  for (const auto& info : runtime.devices()) {
    if (info.memory_bytes == 0) continue;
    described.devices.push_back({info.name, info.memory_bytes, info.compute_units, 0});
  }
  return blasx::device::sim::parse_machine(tools::machine_file(described, measured), "measured")
      .value();
}

double virtual_seconds(const blasx::device::sim::Machine& machine, const BlasCall& call) {
  run_sim::Request request;
  request.call = call;
  for (size_t d = 0; d < machine.devices.size(); ++d) {
    request.devices.push_back(static_cast<int32_t>(d));
  }
  return run_sim::run(machine, request).value().seconds;
}

bool report(std::vector<Trial>& trials, const Arguments& a) {
  bool all_agree = true;
  size_t fewest = trials.front().ratio.size();
  std::string text = fmt::format("{:<14} {:>10} {:>12} {:>12} {:>12} {:>20}\n", "call", "tile rows",
                                 "measured s", "busy s", "virtual s", "virtual / measured");
  for (Trial& t : trials) {
    fewest = std::min(fewest, t.ratio.size());
    if (t.ratio.empty()) continue;
    const double ratio = blasx::bench::median(t.ratio);
    const bool agrees = std::abs(ratio - 1) <= a.within;
    all_agree = all_agree && agrees;
    text += fmt::format("{:<14} {:>10} {:>12.4f} {:>12.4f} {:>12.4f} {:>20.3f}{}\n", t.name, t.tile,
                        blasx::bench::median(t.measured), blasx::bench::median(t.busy),
                        blasx::bench::median(t.virtual_s), ratio, agrees ? "" : "  too far");
  }
  text += fmt::format(
      "medians of {} or more samples between good scaling probes, in {} rounds with rates measured "
      "in "
      "each; {} devices of cores\n"
      "busy: processor time over cores. Where it is far below what was measured, others used the "
      "machine.\n",
      fewest, a.rounds, a.devices);
  std::fputs(text.c_str(), stdout);
  return all_agree && fewest > 0;
}

int check(const Arguments& a) {
  const int cores = blasx::topology::discover().usable_cores;
  blasx::runtime::Options options;
  options.host_devices = a.devices;
  options.cpu = false;
  options.cores = cores;
  blasx::runtime::Runtime runtime(options);
  const int64_t largest = *std::max_element(a.sizes.begin(), a.sizes.end());
  Matrices<float> single(largest);
  Matrices<double> twice(largest);
  std::vector<Trial> trials;
  for (const int64_t n : a.sizes) {
    for (const std::string& routine : a.routines) {
      run_sim::CallText text;
      text.routine = routine;
      text.n = n;
      const auto call = run_sim::make_call(text);
      if (!call) {
        std::fprintf(stderr, "bench_sim_agreement: %s\n", call.error().message().c_str());
        return 2;
      }
      trials.push_back({routine + " n=" + std::to_string(n), *call, 0, {}, {}, {}, {}});
      BlasCall& mine = trials.back().call;
      mine.type == blasx::Type::S ? single.give(mine) : twice.give(mine);
    }
  }
  // The first calls touch the arenas' pages.
  for (Trial& t : trials) {
    t.tile = runtime.run(t.call, blasx::runtime::Where::Devices).value().shape.m;
  }
  blasx::bench::ScalingProbe probe(cores);
  for (int round = 0; round < a.rounds; ++round) {
    std::fprintf(stderr, "round %d of %d\n", round + 1, a.rounds);
    bool good = probe.good();
    const auto machine = machine_of(runtime, cores, measure(a, cores));
    const bool measured_well = good && probe.good();
    good = measured_well;
    for (Trial& t : trials) {
      // Timed is the second of two: under a hypervisor the first touch of pages that rested for seconds costs many times their copy.
      if (!runtime.run(t.call, blasx::runtime::Where::Devices)) return 2;
      const std::clock_t before = std::clock();
      const auto report = runtime.run(t.call, blasx::runtime::Where::Devices).value();
      const double busy = static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC / cores;
      const bool was_good = std::exchange(good, probe.good());
      if (!measured_well || !was_good || !good) continue;
      t.busy.push_back(busy);
      t.measured.push_back(static_cast<double>(report.elapsed_ns) * 1e-9);
      t.virtual_s.push_back(virtual_seconds(machine, t.call));
      t.ratio.push_back(t.virtual_s.back() / t.measured.back());
    }
  }
  return report(trials, a) ? 0 : 1;
}

}  // namespace

// NOLINTNEXTLINE(bugprone-exception-escape): out of memory, a program may end so
int main(int argc, char** argv) {
  CLI::App app(
      "Runs calls on devices made of this machine's cores, simulates the same calls on a machine "
      "file\nmeasured between them, and says how far apart the two are. Status 1 if any is too "
      "far.");
  Arguments a;
  app.add_option("--devices", a.devices, "Devices to make")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  app.add_option("--routine", a.routines, "Routines, single or double precision")
      ->delimiter(',')
      ->capture_default_str();
  app.add_option("--size", a.sizes, "Orders n")->delimiter(',')->capture_default_str();
  app.add_option("--rounds", a.rounds, "Times each is run and the machine is measured")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--within", a.within, "How far apart is still near")->capture_default_str();
  if (const auto status = blasx::parse_command_line(app, argc, argv)) return *status;
  return check(a);
}
