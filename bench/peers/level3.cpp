// SPDX-License-Identifier: Apache-2.0
// Every level-3 family through libblasx against the same call to another BLAS.
//
//   bench_level3 --ours build/release/lib/libblasx.so --peer libopenblas.so.0
//   bench_level3 --set BLASX_DEVICES=host:2 --set BLASX_THRESHOLD=0 --routine gemm --type d --size 4096
#include <cstdio>
#include <exception>
#include <thread>

#include "bench/options.hpp"
#include "bench/peers/operands.hpp"
#include "common/program/command_line.hpp"

namespace {

using namespace blasx::bench;  // NOLINT: a program's own file

struct Options {
  std::string ours = "libblasx.so", peer = "libopenblas.so.0";
  std::vector<std::string> routines{"gemm", "symm", "syrk", "syr2k", "trmm", "trsm"};
  std::vector<char> types{'s', 'd'};
  std::vector<int> sizes{2048, 4096};
  std::vector<std::string> environment;
  Settings settings;
};

double operation_count(const std::string& family, double n, bool complex) {
  const bool half = family == "syrk" || family == "herk" || family == "trmm" || family == "trsm";
  return (half ? 1.0 : 2.0) * n * n * n * (complex ? 4.0 : 1.0);
}

bool exists(const std::string& family, bool complex) {
  return complex || family.compare(0, 2, "he") != 0;
}

template <typename T>
bool run_size(Harness& harness, const Options& options, const BlasLibrary& ours,
              const BlasLibrary& peer, char letter, int n) {
  bool right = true;
  Operands<T> operands(n);
  for (const std::string& family : options.routines) {
    if (!exists(family, kIsComplex<T>)) continue;
    const std::string name = letter + family;
    Case what;
    what.name = name + " n=" + std::to_string(n);
    what.group = (family == "trsm" ? "trsm " : "n=") + std::to_string(n);
    what.operations = operation_count(family, n, kIsComplex<T>);
    what.single_precision = sizeof(RealOf<T>) == 4;
    what.ours = operands.call(ours, name, family);
    what.peer = operands.call(peer, name, family);
    what.prepare = [&operands] { operands.restore(); };
    const double gap = operands.disagreement(what.ours, what.peer);
    if (!(gap <= operands.allowed())) {
      std::fprintf(stderr, "%s: the results differ by %.3g, rounding explains %.3g\n",
                   what.name.c_str(), gap, operands.allowed());
      right = false;
    }
    harness.run(what);
  }
  return right;
}

int run(const Options& options) {
  const BlasLibrary peer(options.peer), ours(options.ours);
  peer.set_threads(options.settings.threads);
  Harness harness("level3", peer.description(), options.settings);
  harness.report().peer = options.peer;
  bool right = true;
  for (const int n : options.sizes) {
    for (const char letter : options.types) {
      switch (letter) {
        case 's':
          right &= run_size<float>(harness, options, ours, peer, letter, n);
          break;
        case 'd':
          right &= run_size<double>(harness, options, ours, peer, letter, n);
          break;
        case 'c':
          right &= run_size<std::complex<float>>(harness, options, ours, peer, letter, n);
          break;
        case 'z':
          right &= run_size<std::complex<double>>(harness, options, ours, peer, letter, n);
          break;
        default:
          throw std::invalid_argument("--type takes s, d, c, z");
      }
    }
  }
  const int status = harness.finish();
  return right ? status : 1;
}

}  // namespace

// NOLINTNEXTLINE(bugprone-exception-escape): out of memory, a program may end so
int main(int argc, char** argv) {
  Options options;
  options.settings.threads = static_cast<int>(std::thread::hardware_concurrency());
  options.settings.settle_seconds = 0.04;  // OpenBLAS's threads spin for about 26 ms after a call
  options.settings.samples = 7;
  CLI::App app("Level-3 BLAS through libblasx against another BLAS, paired and interleaved");
  app.add_option("--ours", options.ours, "libblasx.so")->capture_default_str();
  app.add_option("--peer", options.peer, "The other BLAS")->capture_default_str();
  app.add_option("--routine", options.routines, "Families")->delimiter(',');
  app.add_option("--type", options.types, "s, d, c, z")->delimiter(',');
  app.add_option("--size", options.sizes, "n")->delimiter(',');
  app.add_option("--threads", options.settings.threads, "Threads of both sides")
      ->capture_default_str();
  app.add_option("--set", options.environment, "Environment of libblasx, NAME=value");
  add_settings(app, options.settings);
  if (const auto status = blasx::parse_command_line(app, argc, argv)) return *status;
  set_environment(options.environment);
  options.settings.command = command_line(argc, argv);
  try {
    return run(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_level3: %s\n", error.what());
    return 1;
  }
}
