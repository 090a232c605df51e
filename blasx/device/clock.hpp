// SPDX-License-Identifier: Apache-2.0
// The steady clock in nanoseconds, as completions and timelines use it.
#pragma once

#include <chrono>
#include <cstdint>

namespace blasx::device {

inline int64_t now_ns() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(since).count();
}

}  // namespace blasx::device
