// SPDX-License-Identifier: Apache-2.0
// Fork before the first call, after it, and while other threads are calling. Every test runs in a child of its own, so that each
// begins with a library nobody has used.
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
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

TEST(Fork, WhileAnotherThreadCalls) {
  // Some BLAS libraries do not survive a fork in the middle of a call that uses their own threads.
  if (std::getenv("STRESS_HOST_CALLS_ARE_THREADED") != nullptr) {
    GTEST_SKIP() << "calls go straight to a BLAS with threads of its own";
  }
#if defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP()
      << "AddressSanitizer's own allocator does not survive a fork while another thread allocates";
#endif
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
