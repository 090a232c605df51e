// SPDX-License-Identifier: Apache-2.0
// Random numbers by their number: no state, the same on every machine and in any order.
#pragma once

#include <cstdint>

namespace nn {

// Steele, Lea, Flood: "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014: the state's step and its finaliser.
constexpr uint64_t mix(uint64_t x) {
  x += 0x9E3779B97F4A7C15ULL;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31);
}

// In [0, 1).
constexpr double unit(uint64_t bits) { return static_cast<double>(bits >> 11) * 0x1p-53; }

// The number-th of a standard normal sequence.
double normal(uint64_t stream, uint64_t number);

}  // namespace nn
