// SPDX-License-Identifier: Apache-2.0
// Forks against sections in other threads. What goes wrong here goes wrong by chance elsewhere.
#include "common/forks.hpp"

#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <thread>

namespace blasx::forks {
namespace {

using namespace std::chrono_literals;

// Of the forks below: what happens before all of our handlers, and after them.
std::atomic<void (*)()> g_first{nullptr}, g_last{nullptr};
void run(const std::atomic<void (*)()>& what) {
  if (auto* const f = what.load()) f();
}

void watch_with_neighbours() {
  static const bool once = [] {
    pthread_atfork([] { run(g_last); }, nullptr, nullptr);
    watch();
    return pthread_atfork([] { run(g_first); }, nullptr, nullptr) == 0;
  }();
  ASSERT_TRUE(once);
}

int status_of_child(const std::function<int()>& body) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(30);
    _exit(body());
  }
  int status = -1;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void wait_for(const std::atomic<bool>& flag) {
  while (!flag) std::this_thread::yield();
}

std::atomic<bool> g_begun{false}, g_entered{false}, g_seen{false};

TEST(Forks, WaitForASection) {
  watch_with_neighbours();
  std::atomic<bool> inside{false};
  std::atomic<int> value{0};
  std::thread other([&] {
    const Section section;
    inside = true;
    std::this_thread::sleep_for(30ms);
    value = 1;
  });
  wait_for(inside);
  EXPECT_EQ(status_of_child([&] { return value.load(); }), 1);
  other.join();
}

TEST(Forks, KeepSectionsOut) {
  watch_with_neighbours();
  g_begun = g_entered = g_seen = false;
  std::thread other([] {
    wait_for(g_begun);
    const Section section;
    g_entered = true;
  });
  g_last = [] {
    g_begun = true;
    std::this_thread::sleep_for(30ms);
    g_seen = g_entered.load();
  };
  EXPECT_EQ(status_of_child([] { return g_entered ? 1 : 0; }), 0);
  g_last = nullptr;
  other.join();
  EXPECT_FALSE(g_seen);
}

TEST(Forks, DoNotWaitForThemselves) {
  watch_with_neighbours();
  const Section section;
  const auto works = [] {
    const Section nested;
    return 0;
  };
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(status_of_child(works), 0);
  EXPECT_EQ(status_of_child([&] { return status_of_child(works); }), 0);
  wait_for_sections(10min);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 9min);
}

std::atomic<int> g_children{0}, g_missed{0};
constexpr Hooks kHooks{[] { ++g_missed; }, [] { ++g_children; }};

TEST(Forks, CallEachHookOnceInTheChild) {
  watch_with_neighbours();
  call(kHooks);
  call(kHooks);
  EXPECT_EQ(status_of_child([] { return g_children.load(); }), 1);
  EXPECT_EQ(g_children, 0);
  EXPECT_EQ(g_missed, 0);
}

TEST(Forks, KnowWhenALibraryCameTooLate) {
  watch_with_neighbours();
  call(kHooks);
  g_begun = false;
  std::atomic<bool> inside{false};
  std::thread other([&] {
    const Section section;
    inside = true;
    wait_for(g_begun);
    watch_again();
  });
  wait_for(inside);
  g_first = [] { g_begun = true; };
  EXPECT_EQ(status_of_child([] { return g_children.load(); }), 1);
  g_first = nullptr;
  other.join();
  EXPECT_EQ(g_missed, 1);
  EXPECT_EQ(status_of_child([] { return g_children.load(); }), 1);
  EXPECT_EQ(g_missed, 1);
}

}  // namespace
}  // namespace blasx::forks
