// SPDX-License-Identifier: Apache-2.0
// Keeps the host BLAS to one thread a call while tiles run on our own threads. The count of users and the number of threads
// to go back to are owned by host_threads.cpp.
#pragma once

#include <cstdint>

namespace blasx::hostblas {

// While any of these lives, calls of kernel_library() use one thread; the last one to go restores what was. Nests, and
// may be held by several threads at once. Where the library cannot be told, nothing happens and controlled() is false.
class ScopedSingleThread {
 public:
  ScopedSingleThread();
  ~ScopedSingleThread();
  ScopedSingleThread(const ScopedSingleThread&) = delete;
  ScopedSingleThread& operator=(const ScopedSingleThread&) = delete;

  static bool controlled();
};

// For forks::call(): a library's threads end before a fork, and what it was told for tiles that ran meanwhile is not for the child, whose
// calls go to it as they come.
void end_threads_before_fork();
void restore_threads_in_child();

// As ScopedSingleThread, for libraries that keep the number for each thread (MKL, OpenMP builds): every kernel is run under
// one, on whatever thread it runs. Costs nothing for other libraries.
class ThreadLocalSingle {
 public:
  ThreadLocalSingle();
  ~ThreadLocalSingle();
  ThreadLocalSingle(const ThreadLocalSingle&) = delete;
  ThreadLocalSingle& operator=(const ThreadLocalSingle&) = delete;

 private:
  int32_t before_ = 0;
};

}  // namespace blasx::hostblas
