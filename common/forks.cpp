// SPDX-License-Identifier: Apache-2.0
#include "common/forks.hpp"

#include <pthread.h>

#include <atomic>
#include <cstdint>
#include <thread>

#include "common/check.hpp"

namespace blasx::forks {
namespace {

constexpr int kHooks = 4;
constexpr std::chrono::milliseconds kLongestWait{1000};

constinit std::atomic<int32_t> g_sections{0};  // threads in one
constinit std::atomic<int32_t> g_forks{0};     // handlers of forks under way
constinit std::atomic<int32_t> g_watches{0};   // handlers registered
constinit std::atomic<const Hooks*> g_hooks[kHooks];
constinit thread_local int32_t t_depth = 0;     // sections of this thread
constinit thread_local int32_t t_handlers = 0;  // before_fork() calls of the fork this thread is in

void nap() { std::this_thread::sleep_for(std::chrono::microseconds(50)); }

void before_fork() {
  ++t_handlers;
  g_forks.fetch_add(1, std::memory_order_seq_cst);
  wait_for_sections(kLongestWait);
}

void each_hook(void (*Hooks::*what)()) {
  for (const auto& place : g_hooks) {
    const Hooks* const hooks = place.load(std::memory_order_acquire);
    if (hooks != nullptr && hooks->*what != nullptr) (hooks->*what)();
  }
}

// Of the handlers registered first, so none comes after it.
void before_fork_at_last() {
  before_fork();
  if (t_handlers < g_watches.load(std::memory_order_relaxed)) each_hook(&Hooks::missed);
}

// Not every handler registered has seen this fork begin.
void after_fork_in_parent() {
  if (t_handlers == 0) return;
  --t_handlers;
  g_forks.fetch_sub(1, std::memory_order_seq_cst);
}

void after_fork_in_child() {
  if (t_handlers == 0) return;
  t_handlers = 0;
  g_forks.store(0, std::memory_order_seq_cst);
  g_sections.store(t_depth > 0 ? 1 : 0, std::memory_order_seq_cst);  // other threads are not here
  each_hook(&Hooks::in_child);
}

void add(void (*before)()) {
  if (pthread_atfork(before, after_fork_in_parent, after_fork_in_child) == 0) ++g_watches;
}

}  // namespace

// Counts before it looks, as a fork announces itself before it counts: one of the two sees the other.
Section::Section() {
  if (t_depth++ > 0) return;
  for (;;) {
    g_sections.fetch_add(1, std::memory_order_seq_cst);
    if (g_forks.load(std::memory_order_seq_cst) == 0 || t_handlers > 0) return;
    g_sections.fetch_sub(1, std::memory_order_seq_cst);
    while (g_forks.load(std::memory_order_seq_cst) > 0) nap();
  }
}

Section::~Section() {
  if (--t_depth == 0) g_sections.fetch_sub(1, std::memory_order_seq_cst);
}

void watch() {
  static const bool registered = (add(before_fork_at_last), true);
  static_cast<void>(registered);
}

void watch_again() { add(before_fork); }

void call(const Hooks& hooks) {
  watch();
  for (auto& place : g_hooks) {
    const Hooks* there = nullptr;
    if (place.compare_exchange_strong(there, &hooks, std::memory_order_acq_rel) || there == &hooks)
      return;
  }
  BLASX_CHECK(false);
}

void wait_for_sections(std::chrono::milliseconds limit) {
  const int32_t own = t_depth > 0 ? 1 : 0;
  const auto until = std::chrono::steady_clock::now() + limit;
  while (g_sections.load(std::memory_order_seq_cst) > own &&
         std::chrono::steady_clock::now() < until)
    nap();
}

}  // namespace blasx::forks
