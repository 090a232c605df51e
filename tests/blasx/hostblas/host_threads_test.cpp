// SPDX-License-Identifier: Apache-2.0
#include "blasx/hostblas/host_threads.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "blasx/hostblas/hostblas.hpp"
#include "common/forks.hpp"

namespace blasx::hostblas {
namespace {

TEST(HostThreads, AChildForkedWhileTilesRanHasTheProgramsNumber) {
  forks::watch();
  const Library& library = kernel_library();
  const int before = thread_count(library);
  if (before < 2) GTEST_SKIP() << library.path << " uses one thread here";
  const ScopedSingleThread single;
  const pid_t child = fork();
  if (child == 0) _exit(thread_count(library));
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), before);
}

}  // namespace
}  // namespace blasx::hostblas
