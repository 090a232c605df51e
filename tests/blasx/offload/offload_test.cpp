// SPDX-License-Identifier: Apache-2.0
// The process's own decisions: each test is a process of its own, since what the first call fixes stays.
#include "blasx/offload/offload.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <functional>
#include <limits>
#include <thread>
#include <vector>

#include "blasx/hostblas/kernels.hpp"
#include "blasx/trace/record.hpp"

namespace blasx::offload {
namespace {

using hostblas::Face;

// Runs `body` in a fresh process with these variables; true if it returned true.
bool in_process_with(const std::vector<std::pair<const char*, const char*>>& variables,
                     const std::function<bool()>& body) {
  const pid_t child = fork();
  if (child == 0) {
    ::setenv("BLASX_CACHE_DIR", "off", 1);
    for (const auto& [name, value] : variables) ::setenv(name, value, 1);
    ::_exit(body() ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

struct Gemm {
  explicit Gemm(int64_t n) : a(static_cast<size_t>(n * n), 0.5), b(a), c(a) {
    call.m = call.n = call.k = call.lda = call.ldb = call.ldc = n;
    call.a = a.data(), call.b = b.data(), call.c = c.data();
  }
  // As the exported functions do.
  Decision run() {
    Decision d = decide(call, Face::Fortran32);
    if (run_tiles(call, d)) return d;
    const HostCall scope(call, d);
    hostblas::run_call(call);
    return d;
  }
  bool right() const {
    const double want = 0.25 * static_cast<double>(call.n);
    for (const double x : c)
      if (std::abs(x - want) > 1e-9) return false;
    return true;
  }
  std::vector<double> a, b, c;
  BlasCall call;
};

double gate(Routine r, Type t) {
  return g_gate.min_operations[static_cast<int>(r)][static_cast<int>(t)].load();
}

TEST(Offload, TheGateIsShutUntilTheFirstCallAndOpenAfter) {
  EXPECT_TRUE(in_process_with({}, [] {
    if (stays_on_host(Routine::Gemm, Type::D, 1) || hostblas::resolved(Face::Fortran32))
      return false;
    Gemm g(8);
    const Decision d = g.run();
    return d.where == Where::Host && g.right() && hostblas::resolved(Face::Fortran32) &&
           stays_on_host(Routine::Gemm, Type::D, 1);
  }));
}

TEST(Offload, ThresholdZeroRunsEverythingAsTiles) {
  EXPECT_TRUE(in_process_with({{"BLASX_THRESHOLD", "0"}, {"BLASX_TILE", "16"}}, [] {
    Gemm g(40);
    const Decision d = g.run();
    return d.where == Where::Cpu && d.reason == Reason::ThresholdMet && g.right() &&
           !stays_on_host(Routine::Gemm, Type::D, 0);
  }));
}

TEST(Offload, NamedDevicesAreUsed) {
  EXPECT_TRUE(in_process_with({{"BLASX_DEVICES", "host:2"},
                               {"BLASX_THRESHOLD", "0"},
                               {"BLASX_TILE", "16"},
                               {"BLASX_DEVICE_MEMORY", "1M"}},
                              [] {
                                Gemm g(40);
                                const Decision d = g.run();
                                return d.where == Where::Devices && g.right();
                              }));
}

TEST(Offload, NoneLeavesAllToTheHost) {
  EXPECT_TRUE(in_process_with({{"BLASX_DEVICES", "none"}, {"BLASX_THRESHOLD", "0"}}, [] {
    Gemm g(40);
    return g.run().reason == Reason::NoDevices && g.right() &&
           std::isinf(gate(Routine::Trsm, Type::D));
  }));
}

TEST(Offload, CallsFromInsideGoStraightToTheHost) {
  EXPECT_TRUE(in_process_with({{"BLASX_THRESHOLD", "0"}}, [] {
    Gemm g(8);
    g.run();
    const InsideGuard inside;
    const Decision d = g.run();
    return d.where == Where::Host && d.reason == Reason::NestedCall && d.start_ns == 0;
  }));
}

TEST(Offload, AForkedChildUsesTheHost) {
  EXPECT_TRUE(in_process_with({{"BLASX_THRESHOLD", "0"}, {"BLASX_TILE", "16"}}, [] {
    Gemm g(40);
    if (g.run().where != Where::Cpu) return false;
    const bool child = in_process_with({}, [] {
      Gemm h(40);
      const Decision d = h.run();
      return d.where == Where::Host && d.reason == Reason::AfterFork && h.right() &&
             stays_on_host(Routine::Gemm, Type::D, 1e300);
    });
    Gemm again(40);
    return child && again.run().where == Where::Cpu && again.right();
  }));
}

TEST(Offload, AWatchedChildIsStillSeen) {
  EXPECT_TRUE(in_process_with({{"BLASX_STATS", "/dev/null"}}, [] {
    Gemm g(8);
    g.run();
    if (gate(Routine::Gemm, Type::D) != 0) return false;
    return in_process_with({}, [] {
      Gemm h(8);
      return gate(Routine::Gemm, Type::D) == 0 && h.run().reason == Reason::AfterFork;
    });
  }));
}

TEST(Offload, SettingsThatChangeMoveTheGate) {
  EXPECT_TRUE(in_process_with({{"BLASX_THRESHOLD", "1000"}}, [] {
    Gemm g(4);
    g.run();
    if (gate(Routine::Gemm, Type::D) != 1000) return false;
    if (!config::set("threshold", "5").ok()) return false;
    settings_changed();
    return gate(Routine::Gemm, Type::D) == 5 && g.run().where == Where::Cpu && g.right();
  }));
}

TEST(Offload, EightThreadsAtOnceFromTheFirstCallOn) {
  EXPECT_TRUE(in_process_with({{"BLASX_THRESHOLD", "0"}, {"BLASX_TILE", "16"}}, [] {
    std::vector<std::thread> threads;
    std::atomic<int> right{0};
    for (int t = 0; t < 8; ++t)
      threads.emplace_back([&right] {
        for (int i = 0; i < 5; ++i) {
          Gemm g(33);
          if (g.run().where == Where::Cpu && g.right()) ++right;
        }
      });
    for (std::thread& t : threads) t.join();
    return right == 40;
  }));
}

TEST(Offload, MeasuredRatesAreReadFromTheCache) {
  char folder[] = "/tmp/blasx_cache_XXXXXX";
  ASSERT_NE(::mkdtemp(folder), nullptr);
  const auto write = [&] {
    const hostblas::Library& library = hostblas::kernel_library();
    const auto config = config::current();
    RateTable t;
    t.of(Routine::Gemm, Type::D) = {{1e9, 3e9}, true};
    return save_file(std::string(folder) + "/" + rates_file_name(machine_fingerprint(library, 2)),
                     rates_text(t, "test"))
        .ok();
  };
  const std::vector<std::pair<const char*, const char*>> variables = {{"BLASX_CACHE_DIR", folder},
                                                                      {"BLASX_HOST_THREADS", "2"}};
  EXPECT_TRUE(in_process_with(variables, write));
  EXPECT_TRUE(in_process_with(variables, [] {
    const RateTable::Entry e = known_rate(Routine::Gemm, Type::D);
    return e.measured && e.rates.cpu == 3e9 && std::isfinite(gate(Routine::Gemm, Type::D)) &&
           !known_rate(Routine::Gemm, Type::S).measured;
  }));
  std::system((std::string("rm -r ") + folder).c_str());
}

}  // namespace
}  // namespace blasx::offload
