// SPDX-License-Identifier: Apache-2.0
// One aligned piece of the process's memory, owned.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace nn::memory {

struct Unmap {
  size_t bytes = 0;
  void operator()(std::byte* pointer) const;
};
using Block = std::unique_ptr<std::byte, Unmap>;

// Blocks lie on multiples of this: a cache line, and what vector kernels like.
inline constexpr int64_t kAlignment = 64;
constexpr int64_t rounded(int64_t bytes) {
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

// Zeroed; pages are taken when first touched. Throws Error, saying how much was asked for.
Block take(int64_t bytes);

}  // namespace nn::memory
