// SPDX-License-Identifier: Apache-2.0
#include "blasx/hostblas/library_use.hpp"

#include <atomic>
#include <cstdint>
#include <thread>

namespace blasx::hostblas {
namespace {

constinit std::atomic<int32_t> g_users{0};
constinit std::atomic<bool> g_ended{false};

}  // namespace

// Counts before it looks, as end_library_use() closes before it counts: one of the two sees the other.
LibraryUse::LibraryUse() {
  g_users.fetch_add(1, std::memory_order_seq_cst);
  allowed_ = !g_ended.load(std::memory_order_seq_cst);
  if (!allowed_) g_users.fetch_sub(1, std::memory_order_seq_cst);
}

LibraryUse::~LibraryUse() {
  if (allowed_) g_users.fetch_sub(1, std::memory_order_seq_cst);
}

void end_library_use(std::chrono::milliseconds limit) {
  g_ended.store(true, std::memory_order_seq_cst);
  const auto until = std::chrono::steady_clock::now() + limit;
  while (g_users.load(std::memory_order_seq_cst) > 0 && std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(std::chrono::microseconds(50));
}

}  // namespace blasx::hostblas
