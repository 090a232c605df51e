// SPDX-License-Identifier: Apache-2.0
#include "blasx/device/copy.hpp"

#include <algorithm>
#include <cstring>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace blasx::device {
namespace {

struct Rows {
  int64_t first, count;
};

// The rows of column j that belong to the region.
Rows rows_of_column(const Copy& copy, int64_t j) {
  switch (copy.region) {
    case tile::Region::Full:
      return {0, copy.rows};
    case tile::Region::Upper:
      return {0, std::min(j + 1, copy.rows)};
    case tile::Region::Lower: {
      const int64_t first = std::min(j, copy.rows);
      return {first, copy.rows - first};
    }
  }
  return {0, 0};
}

template <typename F>
void for_each_column(const Copy& copy, Columns columns, F&& f) {
  for (int64_t j = columns.first; j < columns.first + columns.count; ++j) {
    const Rows r = rows_of_column(copy, j);
    if (r.count > 0) f(j, r.first, static_cast<size_t>(r.count * copy.element_bytes));
  }
}

// For memory that nobody reads soon: ordinary stores would first read what they overwrite.
void copy_past_caches(std::byte* to, const std::byte* from, size_t bytes) {
#ifdef __SSE2__
  constexpr size_t kLine = 64;
  const size_t head = std::min(bytes, (kLine - reinterpret_cast<uintptr_t>(to) % kLine) % kLine);
  std::memcpy(to, from, head);
  size_t at = head;
  for (; at + kLine <= bytes; at += kLine) {
    __m128i part[4];
    std::memcpy(part, from + at, kLine);
    auto* line = reinterpret_cast<__m128i*>(to + at);
    for (int i = 0; i < 4; ++i) _mm_stream_si128(line + i, part[i]);
  }
  to += at;
  from += at;
  bytes -= at;
#endif
  std::memcpy(to, from, bytes);
}

std::byte* address(const Window& w, int64_t i, int64_t j, int64_t element_bytes) {
  return w.data + (i + j * w.ld) * element_bytes;
}

}  // namespace

void copy_region(const Copy& copy) {
  for_each_column(copy, {0, copy.cols}, [&](int64_t j, int64_t i, size_t bytes) {
    std::memcpy(address(copy.to, i, j, copy.element_bytes),
                address(copy.from, i, j, copy.element_bytes), bytes);
  });
}

void pack_columns(const Copy& copy, Columns columns, int64_t ld, std::byte* packed) {
  for_each_column(copy, columns, [&](int64_t j, int64_t i, size_t bytes) {
    const int64_t at = i + (j - columns.first) * ld;
    std::memcpy(packed + at * copy.element_bytes, address(copy.from, i, j, copy.element_bytes),
                bytes);
  });
}

void unpack_columns(const Copy& copy, Columns columns, int64_t ld, const std::byte* packed) {
  for_each_column(copy, columns, [&](int64_t j, int64_t i, size_t bytes) {
    const int64_t at = i + (j - columns.first) * ld;
    copy_past_caches(address(copy.to, i, j, copy.element_bytes), packed + at * copy.element_bytes,
                     bytes);
  });
#ifdef __SSE2__
  _mm_sfence();
#endif
}

int64_t region_bytes(const Copy& copy) {
  int64_t total = 0;
  for_each_column(copy, {0, copy.cols},
                  [&](int64_t, int64_t, size_t bytes) { total += static_cast<int64_t>(bytes); });
  return total;
}

void scribble(const Copy& copy) {
  for_each_column(copy, {0, copy.cols}, [&](int64_t j, int64_t i, size_t bytes) {
    std::memset(address(copy.to, i, j, copy.element_bytes), 0xff, bytes);
  });
}

}  // namespace blasx::device
