// SPDX-License-Identifier: Apache-2.0
#include "blasx/hostblas/library_use.hpp"

#include <atomic>

namespace blasx::hostblas {
namespace {

constinit std::atomic<bool> g_ended{false};

}  // namespace

// The section counts before this looks, as end_library_use() closes before it counts: one of the two sees the other.
LibraryUse::LibraryUse() : allowed_(!g_ended.load(std::memory_order_seq_cst)) {}

void end_library_use(std::chrono::milliseconds limit) {
  g_ended.store(true, std::memory_order_seq_cst);
  forks::wait_for_sections(limit);
}

}  // namespace blasx::hostblas
