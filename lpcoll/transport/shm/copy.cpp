// SPDX-License-Identifier: Apache-2.0
#include "lpcoll/transport/shm/copy.hpp"

#include <array>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace lpcoll::shm {
namespace {

#if defined(__SSE2__)
void stream(std::byte* to, const std::byte* from, int64_t bytes) {
  const auto misfit = static_cast<int64_t>(reinterpret_cast<uintptr_t>(to) % kLine);
  const int64_t head = misfit == 0 ? 0 : (kLine - misfit < bytes ? kLine - misfit : bytes);
  std::memcpy(to, from, static_cast<size_t>(head));
  int64_t at = head;
  for (; at + kLine <= bytes; at += kLine) {
    const auto* source = reinterpret_cast<const __m128i*>(from + at);
    auto* target = reinterpret_cast<__m128i*>(to + at);
    const __m128i a = _mm_loadu_si128(source);
    const __m128i b = _mm_loadu_si128(source + 1);
    const __m128i c = _mm_loadu_si128(source + 2);
    const __m128i d = _mm_loadu_si128(source + 3);
    _mm_stream_si128(target, a);
    _mm_stream_si128(target + 1, b);
    _mm_stream_si128(target + 2, c);
    _mm_stream_si128(target + 3, d);
  }
  std::memcpy(to + at, from + at, static_cast<size_t>(bytes - at));
  // Streamed stores are in no order with those that later tell other threads of them.
  _mm_sfence();
}
#endif

}  // namespace

void copy(std::byte* to, const std::byte* from, int64_t bytes, Reading reading) {
  int64_t at = 0;
  if (reading == Reading::Ahead) {
    for (; at + kLine <= bytes; at += kLine) {
      __builtin_prefetch(from + at + kAhead);
      __builtin_prefetch(to + at + kAhead);
      std::memcpy(to + at, from + at, kLine);
    }
  }
  if (at < bytes) {
    std::memcpy(to + at, from + at, static_cast<size_t>(bytes - at));
  }
}

void exchange(std::byte* to, std::byte* slot, const std::byte* from, int64_t bytes) {
  int64_t at = 0;
  for (; at + kLine <= bytes; at += kLine) {
    __builtin_prefetch(slot + at + kAhead);
    __builtin_prefetch(from + at + kAhead);
    __builtin_prefetch(to + at + kAhead);
    std::array<std::byte, kLine> line;
    std::memcpy(line.data(), slot + at, kLine);
    std::memcpy(slot + at, from + at, kLine);
    std::memcpy(to + at, line.data(), kLine);
  }
  const auto rest = static_cast<size_t>(bytes - at);
  std::memcpy(to + at, slot + at, rest);
  std::memcpy(slot + at, from + at, rest);
}

void copy_out(std::byte* to, const std::byte* from, int64_t bytes, Destination destination,
              Reading reading) {
  if (bytes <= 0) {
    return;
  }
#if defined(__SSE2__)
  if (destination == Destination::Streamed) {
    stream(to, from, bytes);
    return;
  }
#else
  (void)destination;
#endif
  copy(to, from, bytes, reading);
}

}  // namespace lpcoll::shm
