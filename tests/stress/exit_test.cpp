// SPDX-License-Identifier: Apache-2.0
// Programs end in many ways, and the library must not turn any of them into a hang or a crash.
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "tests/stress/child.hpp"
#include "tests/stress/exact.hpp"

namespace blasx::stress {
namespace {

using namespace std::chrono_literals;

const Inputs& inputs() {
  static const Inputs* const kInputs = new Inputs(129);
  return *kInputs;
}

bool one_right(Kind kind) { return make_job(kind, inputs())->run(linked_calls()); }

// Calls that begin after exit() go to the BLAS underneath as they came, which may be torn down by then: that is its matter.
std::atomic<bool> g_ending{false};

[[noreturn]] void end_program(int status) {
  g_ending = true;
  std::this_thread::sleep_for(300us);  // callers that have just looked are in their calls by then
  std::exit(status);
}

[[noreturn]] void call_until_the_end(Kind kind) {
  const auto job = make_job(kind, inputs());
  while (!g_ending) job->run(linked_calls());
  while (true) pause();
}

// Each has made its first call by then: finding the BLAS takes milliseconds.
void start_callers(int count) {
  for (int i = 0; i < count; ++i) one_right(static_cast<Kind>(i % kKindCount));
  for (int i = 0; i < count; ++i) {
    std::thread([i] { call_until_the_end(static_cast<Kind>(i % kKindCount)); }).detach();
  }
}

// Calls under way when a process ends die with it, unless the BLAS underneath is torn down first and falls over.
bool host_calls_are_threaded() { return std::getenv("STRESS_HOST_CALLS_ARE_THREADED") != nullptr; }

TEST(Exit, WhileWorkersSleep) {
  EXPECT_EQ(ending_of_child([] {
              const bool right = one_right(Kind::Dgemm);
              std::this_thread::sleep_for(100ms);
              std::exit(right ? 0 : 1);
            }),
            "exit 0");
}

TEST(Exit, WithoutAnyCall) {
  EXPECT_EQ(ending_of_child([] { std::exit(linked_calls().dgemm != nullptr ? 0 : 1); }), "exit 0");
}

TEST(Exit, InTheMiddleOfOthersCalls) {
  if (host_calls_are_threaded())
    GTEST_SKIP() << "calls go straight to a BLAS with threads of its own";
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(ending_of_child([i] {
                start_callers(4);
                std::this_thread::sleep_for(20ms + i * 7ms);
                end_program(3);
              }),
              "exit 3");
  }
}

TEST(Exit, FromAnotherThreadDuringACall) {
  if (host_calls_are_threaded())
    GTEST_SKIP() << "calls go straight to a BLAS with threads of its own";
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(ending_of_child([i] {
                one_right(Kind::Dtrsm);
                std::thread([i] {
                  std::this_thread::sleep_for(20ms + i * 7ms);
                  end_program(4);
                }).detach();
                call_until_the_end(Kind::Dtrsm);
              }),
              "exit 4");
  }
}

TEST(Exit, QuickAndAtOnce) {
  EXPECT_EQ(ending_of_child([] {
              one_right(Kind::Dsymm);
              start_callers(2);
              std::quick_exit(5);
            }),
            "exit 5");
  EXPECT_EQ(ending_of_child([] {
              one_right(Kind::Dsymm);
              start_callers(2);
              _exit(6);
            }),
            "exit 6");
}

TEST(Exit, CallsInExitHandlers) {
  EXPECT_EQ(ending_of_child([] {
              // Registered before the library's own, so it runs after them.
              std::atexit([] { _exit(one_right(Kind::Dtrmm) ? 7 : 1); });
              one_right(Kind::Dgemm);
              std::exit(0);
            }),
            "exit 7");
}

TEST(Exit, FirstCallInAnExitHandler) {
  EXPECT_EQ(ending_of_child([] {
              std::atexit([] { _exit(one_right(Kind::Dgemm) ? 8 : 1); });
              std::exit(0);
            }),
            "exit 8");
}

TEST(Exit, ReportsAreWrittenWhole) {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("stress" + std::to_string(getpid()));
  std::filesystem::create_directory(folder);
  const std::string stats = folder / "stats.txt", trace = folder / "trace.json";
  EXPECT_EQ(ending_of_child([&] {
              setenv("BLASX_STATS", stats.c_str(), 1);
              setenv("BLASX_TRACE", trace.c_str(), 1);
              const bool right = one_right(Kind::Dgemm) && one_right(Kind::Dtrsm);
              std::this_thread::sleep_for(20ms);
              std::exit(right ? 0 : 1);
            }),
            "exit 0");
  std::stringstream table, timeline;
  table << std::ifstream(stats).rdbuf();
  timeline << std::ifstream(trace).rdbuf();
  EXPECT_NE(table.str().find("dgemm"), std::string::npos) << table.str();
  EXPECT_NE(table.str().find("total"), std::string::npos) << table.str();
  const size_t last = timeline.str().find_last_not_of(" \n");
  ASSERT_NE(last, std::string::npos) << "the timeline is empty";
  EXPECT_TRUE(timeline.str()[last] == ']' || timeline.str()[last] == '}')
      << timeline.str().substr(last);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace blasx::stress
