// SPDX-License-Identifier: Apache-2.0
// The library as a plug-in: opened, used, closed and opened again by a program that is not linked to it.
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <thread>

#include "tests/stress/child.hpp"
#include "tests/stress/exact.hpp"

namespace blasx::stress {
namespace {

const char* library() {
  const char* path = std::getenv("STRESS_LIBRARY");
  return path != nullptr ? path : "libblasx.so";
}

long thread_count() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/task"),
                       std::filesystem::directory_iterator());
}

TEST(Dlopen, OpenedAndClosedUnusedStartsNothing) {
  const long before = thread_count();
  for (int i = 0; i < 20; ++i) {
    void* handle = dlopen(library(), RTLD_NOW | RTLD_LOCAL);
    ASSERT_NE(handle, nullptr) << dlerror();
    dlclose(handle);
  }
  EXPECT_EQ(thread_count(), before);
}

TEST(Dlopen, UsedAfterEveryOpening) {
  const Inputs inputs(97);
  constexpr int kOpenings = 10;
  long threads = 0;
  for (int i = 0; i < kOpenings; ++i) {
    void* handle = nullptr;
    const Calls calls = opened_calls(library(), &handle);
    ASSERT_NE(handle, nullptr) << dlerror();
    ASSERT_NE(calls.dgemm, nullptr);
    for (int k = 0; k < kKindCount; ++k) {
      const auto job = make_job(static_cast<Kind>(k), inputs);
      EXPECT_TRUE(job->run(calls)) << job->name();
    }
    dlclose(handle);
    if (i == 1) threads = thread_count();
  }
  // The processor's workers start when they are first needed, which may be late; a second set would be a thread an opening.
  EXPECT_LT(thread_count() - threads, kOpenings - 2) << "threads pile up";
}

TEST(Dlopen, ClosedWhileAnotherThreadCalls) {
  const Inputs inputs(97);
  void* handle = nullptr;
  const Calls calls = opened_calls(library(), &handle);
  ASSERT_NE(handle, nullptr) << dlerror();
  std::thread caller([&] {
    const auto job = make_job(Kind::Dsyr2k, inputs);
    for (int i = 0; i < 30; ++i) EXPECT_TRUE(job->run(calls));
  });
  for (int i = 0; i < 50; ++i) dlclose(dlopen(library(), RTLD_NOW | RTLD_LOCAL));
  dlclose(handle);  // the last one: the caller goes on, the code must stay
  caller.join();
}

TEST(Dlopen, ExitAfterClosing) {
  const Inputs inputs(97);
  EXPECT_EQ(ending_of_child([&] {
              void* handle = nullptr;
              const Calls calls = opened_calls(library(), &handle);
              const bool right = handle != nullptr && make_job(Kind::Dtrsm, inputs)->run(calls);
              dlclose(handle);
              std::exit(right ? 0 : 1);
            }),
            "exit 0");
}

}  // namespace
}  // namespace blasx::stress
