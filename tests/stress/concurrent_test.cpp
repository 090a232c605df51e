// SPDX-License-Identifier: Apache-2.0
// Eight threads, eight routines, shared inputs.
#include <blasx/blasx.h>
#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <thread>

#include "tests/stress/exact.hpp"

namespace blasx::stress {
namespace {

constexpr int kOrder = 201;
constexpr int kRounds = 12;

// Every thread repeats the jobs, each starting with another one; all first calls fall together.
void run_all(const Inputs& inputs, int threads, int rounds, std::atomic<int>& wrong) {
  std::barrier start(threads);
  std::vector<std::thread> workers;
  for (int t = 0; t < threads; ++t) {
    workers.emplace_back([&, t] {
      const auto job = make_job(static_cast<Kind>(t % kKindCount), inputs);
      start.arrive_and_wait();
      for (int r = 0; r < rounds; ++r) {
        if (job->run(linked_calls())) continue;
        ++wrong;
        ADD_FAILURE() << job->name() << " in round " << r;
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
}

TEST(Concurrent, EightRoutinesAtOnce) {
  const Inputs inputs(kOrder);
  std::atomic<int> wrong{0};
  run_all(inputs, kKindCount, kRounds, wrong);
  EXPECT_EQ(wrong, 0);
}

TEST(Concurrent, ThreadsComeAndGo) {
  const Inputs inputs(97);
  std::atomic<int> wrong{0};
  for (int i = 0; i < 8; ++i) run_all(inputs, kKindCount, 1, wrong);
  EXPECT_EQ(wrong, 0);
}

TEST(Concurrent, SettingsChangeMeanwhile) {
  const Inputs inputs(129);
  std::atomic<bool> done{false};
  std::thread changer([&] {
    const char* const values[] = {"0", "1e18", "auto"};
    for (int i = 0; !done; ++i) {
      EXPECT_EQ(blasx_set("threshold", values[i % 3]), BLASX_OK);
      EXPECT_EQ(blasx_set("stats", i % 2 == 0 ? "quiet" : "0"), BLASX_OK);
      blasx_stats stats{};
      stats.size = sizeof stats;
      EXPECT_EQ(blasx_stats_of("total", &stats), BLASX_OK);
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  });
  std::atomic<int> wrong{0};
  run_all(inputs, kKindCount, kRounds, wrong);
  done = true;
  changer.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace blasx::stress
