// SPDX-License-Identifier: Apache-2.0
// Fork before the first call, after it, and while other threads are calling. Every test runs in a child of its own, so that each
// begins with a library nobody has used.
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <thread>

#include "tests/stress/child.hpp"
#include "tests/stress/exact.hpp"

namespace blasx::stress {
namespace {

bool all_right(const Inputs& inputs) {
  bool right = true;
  for (int k = 0; k < kKindCount; ++k) {
    right &= make_job(static_cast<Kind>(k), inputs)->run(linked_calls());
  }
  return right;
}

// What a grandchild does: all jobs, then it leaves the way most programs do.
void calls_then_exit(const Inputs& inputs) { std::exit(all_right(inputs) ? 0 : 1); }

TEST(Fork, BeforeTheFirstCall) {
  const Inputs inputs(97);
  EXPECT_EQ(ending_of_child([&] {
              const std::string below = ending_of_child([&] { calls_then_exit(inputs); });
              std::exit(below == "exit 0" && all_right(inputs) ? 0 : 1);
            }),
            "exit 0");
}

TEST(Fork, AfterTheFirstCall) {
  const Inputs inputs(97);
  EXPECT_EQ(ending_of_child([&] {
              bool right = all_right(inputs);
              for (int i = 0; i < 3; ++i) {
                right &= ending_of_child([&] { calls_then_exit(inputs); }) == "exit 0";
                right &= all_right(inputs);
              }
              std::exit(right ? 0 : 1);
            }),
            "exit 0");
}

TEST(Fork, OfAForkedChild) {
  const Inputs inputs(97);
  EXPECT_EQ(ending_of_child([&] {
              bool right = all_right(inputs);
              right &= ending_of_child([&] {
                         const bool here = all_right(inputs);
                         const bool below =
                             ending_of_child([&] { calls_then_exit(inputs); }) == "exit 0";
                         std::exit(here && below ? 0 : 1);
                       }) == "exit 0";
              std::exit(right ? 0 : 1);
            }),
            "exit 0");
}

// Some BLAS libraries do not survive a fork in the middle of a call that uses their own threads.
bool host_calls_are_threaded() { return std::getenv("STRESS_HOST_CALLS_ARE_THREADED") != nullptr; }

// AddressSanitizer's own allocator does not survive a fork while another thread allocates.
#if defined(__SANITIZE_ADDRESS__)
constexpr bool kMayForkMeanwhile = false;
#else
constexpr bool kMayForkMeanwhile = true;
#endif

#if defined(__SANITIZE_THREAD__)
constexpr int kMoments = 6;  // each costs twenty times as much
#else
constexpr int kMoments = 24;
#endif

TEST(Fork, WhileAnotherThreadMakesTheFirstCall) {
  if (!kMayForkMeanwhile || host_calls_are_threaded()) GTEST_SKIP() << "not with this library";
  const Inputs inputs(97);
  for (int i = 0; i < kMoments; ++i) {
    EXPECT_EQ(ending_of_child([&] {
                std::atomic<bool> begun{false}, right{true};
                std::thread other([&] {
                  begun = true;
                  right = all_right(inputs);
                });
                while (!begun) std::this_thread::yield();
                std::this_thread::sleep_for(
                    std::chrono::microseconds(2400 / kMoments * i));  // any moment of it
                const std::string below = ending_of_child([&] { calls_then_exit(inputs); });
                other.join();
                std::exit(right && below == "exit 0" ? 0 : 1);
              }),
              "exit 0")
        << "moment " << i << " of " << kMoments;
  }
}

TEST(Fork, WhileAnotherThreadCalls) {
  if (!kMayForkMeanwhile || host_calls_are_threaded()) GTEST_SKIP() << "not with this library";
  const Inputs inputs(97);
  EXPECT_EQ(ending_of_child([&] {
              std::atomic<bool> done{false}, right{true};
              std::thread other([&] {
                while (!done) right = right && all_right(inputs);
              });
              for (int i = 0; i < 8; ++i) {
                right = right && ending_of_child([&] { calls_then_exit(inputs); }) == "exit 0";
              }
              done = true;
              other.join();
              std::exit(right ? 0 : 1);
            }),
            "exit 0");
}

}  // namespace
}  // namespace blasx::stress
