// SPDX-License-Identifier: Apache-2.0
#include "ooc_gemm/run/hash.hpp"

#include <bit>
#include <cstring>

namespace ooc_gemm::run {

namespace {

// Odd numbers with their bits well spread; multiplying by one is a bijection, so a change of a word never cancels.
constexpr uint64_t kOdd = 0x9E3779B97F4A7C15;
constexpr uint64_t kOther = 0xD6E8FEB86659FD93;
// What lies in memory is asked for so far before it is used; without, waiting for it takes half of the time.
constexpr int64_t kAhead = 1024;

uint64_t finish(uint64_t x) {
  x = (x ^ (x >> 32)) * kOther;
  x = (x ^ (x >> 32)) * kOther;
  return x ^ (x >> 32);
}

// Rotated first: a multiplication carries upwards only, and the highest bits would stay alone.
uint64_t mix(uint64_t x) {
  x = std::rotl(x, 29) * kOdd;
  return x ^ (x >> 32);
}

uint64_t word_at(const char* bytes) {
  uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof(word));
  return word;
}

}  // namespace

uint64_t hash_join(uint64_t first, uint64_t second) {
  return finish(std::rotl(first, 23) * kOdd + second);
}

uint64_t hash_bytes(const void* data, size_t bytes, uint64_t seed) {
  const auto* at = static_cast<const char*>(data);
  // Four lanes, so that multiplications overlap.
  uint64_t lanes[4] = {seed, seed + kOdd, seed + 2 * kOdd, seed ^ kOther};
  size_t left = bytes;
  for (; left >= 32; left -= 32, at += 32) {
    __builtin_prefetch(at + kAhead);
    for (size_t lane = 0; lane < 4; ++lane) {
      lanes[lane] = mix(lanes[lane] ^ word_at(at + 8 * lane));
    }
  }
  char rest[32] = {};
  std::memcpy(rest, at, left);
  for (size_t lane = 0; lane < 4; ++lane) lanes[lane] = mix(lanes[lane] ^ word_at(rest + 8 * lane));
  uint64_t sum = bytes;
  for (const uint64_t lane : lanes) sum = hash_join(sum, lane);
  return sum;
}

}  // namespace ooc_gemm::run
