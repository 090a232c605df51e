// SPDX-License-Identifier: Apache-2.0
#include "blasx/device/worker.hpp"

#include <gtest/gtest.h>
#include <pthread.h>
#include <signal.h>

#include <array>
#include <vector>

namespace blasx::device {
namespace {

TEST(Worker, RunsEverythingPostedInOrderBeforeItGoes) {
  std::vector<int> seen;
  {
    Worker<int> worker("order", [&](int& job) { seen.push_back(job); });
    for (int i = 0; i < 1000; ++i) worker.post(i);
  }
  ASSERT_EQ(seen.size(), 1000u);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(seen[static_cast<size_t>(i)], i);
}

TEST(Worker, TakesNoSignalsOfTheProgramAndHasItsName) {
  sigset_t mask;
  std::array<char, 32> name{};
  {
    Worker<int> worker("blasx test of a long name", [&](int&) {
      pthread_sigmask(SIG_BLOCK, nullptr, &mask);
      pthread_getname_np(pthread_self(), name.data(), name.size());
    });
    worker.post(0);
  }
  for (int sig : {SIGINT, SIGTERM, SIGALRM, SIGCHLD, SIGUSR1}) {
    EXPECT_EQ(sigismember(&mask, sig), 1) << sig;
  }
  EXPECT_EQ(sigismember(&mask, SIGSEGV), 0);
  EXPECT_STREQ(name.data(), "blasx test of a");
  sigset_t own;
  pthread_sigmask(SIG_BLOCK, nullptr, &own);
  EXPECT_EQ(sigismember(&own, SIGUSR1), 0) << "the starting thread's mask must come back";
}

}  // namespace
}  // namespace blasx::device
