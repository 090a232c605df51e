// SPDX-License-Identifier: Apache-2.0
// What a call costs that stays on the host: n = 8 through libblasx against the same call to the BLAS underneath. `--count`
// makes one side call that often and ends: for callgrind, whose instruction counts repeat exactly.
#include <cstdio>
#include <exception>

#include "bench/options.hpp"
#include "bench/peers/blas_library.hpp"
#include "common/program/command_line.hpp"

namespace {

using namespace blasx::bench;  // NOLINT: a program's own file

constexpr int kLargest = 64;
double g_a[kLargest * kLargest], g_b[kLargest * kLargest], g_c[kLargest * kLargest];

using CblasGemm = Level3<double>::Gemm;

void call_often(CblasGemm* gemm, int n, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    gemm(kColMajor, kNoTrans, kNoTrans, n, n, n, 1.0, g_a, n, g_b, n, 0.0, g_c, n);
  }
}

}  // namespace

// NOLINTNEXTLINE(bugprone-exception-escape): out of memory, a program may end so
int main(int argc, char** argv) {
  std::string ours_path = "libblasx.so", peer_path = "libopenblas.so.0", only;
  std::vector<int> sizes{8};
  int64_t count = 0;
  Settings settings;
  settings.samples = 301;
  CLI::App app("The price of a small call through libblasx");
  app.add_option("--ours", ours_path, "libblasx.so")->capture_default_str();
  app.add_option("--peer", peer_path, "The BLAS underneath")->capture_default_str();
  app.add_option("--size", sizes, "n, at most 64")->delimiter(',')->check(CLI::Range(1, kLargest));
  app.add_option("--count", count, "Calls of --only, then the program ends");
  app.add_option("--only", only, "ours or peer")->check(CLI::IsMember({"ours", "peer"}));
  add_settings(app, settings);
  if (const auto status = blasx::parse_command_line(app, argc, argv)) return *status;
  settings.command = command_line(argc, argv);
  setenv("BLASX_HOST_BLAS", peer_path.c_str(), 1);  // both sides end in the same code
  for (double& entry : g_a) entry = 0.5;
  for (double& entry : g_b) entry = 0.25;
  try {
    const BlasLibrary peer(peer_path);
    const BlasLibrary ours(ours_path);
    peer.set_threads(1);
    auto* through = ours.as<CblasGemm>("dgemm");
    auto* direct = peer.as<CblasGemm>("dgemm");
    if (!only.empty()) {
      call_often(only == "ours" ? through : direct, sizes.front(), count);
      return 0;
    }
    Harness harness("small_call", peer.description(), settings);
    harness.report().peer = peer_path;
    constexpr int kCalls = 2000;
    for (const int n : sizes) {
      Case what;
      what.name = "cblas_dgemm n=" + std::to_string(n);
      what.calls = kCalls;
      what.ours = [=] { call_often(through, n, kCalls); };
      what.peer = [=] { call_often(direct, n, kCalls); };
      harness.run(what);
    }
    return harness.finish();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_small_call: %s\n", error.what());
    return 1;
  }
}
