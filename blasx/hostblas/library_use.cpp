// SPDX-License-Identifier: Apache-2.0
#include "blasx/hostblas/library_use.hpp"

#include <pthread.h>

#include <atomic>
#include <cstdint>
#include <thread>

namespace blasx::hostblas {
namespace {

constinit std::atomic<int32_t> g_users{0};
constinit std::atomic<bool> g_ended{false};
constinit std::atomic<bool> g_forking{false};

void nap() { std::this_thread::sleep_for(std::chrono::microseconds(50)); }

void wait_for_users(std::chrono::milliseconds limit) {
  const auto until = std::chrono::steady_clock::now() + limit;
  while (g_users.load(std::memory_order_seq_cst) > 0 && std::chrono::steady_clock::now() < until)
    nap();
}

// A kernel takes milliseconds; a program that forks is not kept waiting for a stuck one.
void before_fork() {
  g_forking.store(true, std::memory_order_seq_cst);
  wait_for_users(std::chrono::milliseconds(1000));
}
void after_fork_in_parent() { g_forking.store(false, std::memory_order_seq_cst); }
void after_fork_in_child() {
  g_users.store(0, std::memory_order_seq_cst);  // whose threads are not here
  g_forking.store(false, std::memory_order_seq_cst);
}

}  // namespace

// Counts before it looks, as those who close the library close before they count: one of the two sees the other.
LibraryUse::LibraryUse() {
  for (;;) {
    g_users.fetch_add(1, std::memory_order_seq_cst);
    allowed_ = !g_ended.load(std::memory_order_seq_cst);
    const bool forking = g_forking.load(std::memory_order_seq_cst);
    if (allowed_ && !forking) return;
    g_users.fetch_sub(1, std::memory_order_seq_cst);
    if (!allowed_) return;
    while (g_forking.load(std::memory_order_seq_cst)) nap();
  }
}

LibraryUse::~LibraryUse() {
  if (allowed_) g_users.fetch_sub(1, std::memory_order_seq_cst);
}

void end_library_use(std::chrono::milliseconds limit) {
  g_ended.store(true, std::memory_order_seq_cst);
  wait_for_users(limit);
}

void guard_forks() {
  static const int registered =
      pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
  (void)registered;
}

}  // namespace blasx::hostblas
