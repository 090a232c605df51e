// SPDX-License-Identifier: Apache-2.0
// A column-major matrix in memory that shows every byte written outside its window: between the rows' ends and ld, before the
// first column and behind the last. Owns its memory.
#pragma once

#include <cstdint>
#include <cstring>
#include <vector>

#include "blasx/tile/graph.hpp"

namespace blasx::support {

template <typename T>
class GuardedMatrix {
 public:
  GuardedMatrix(int64_t rows, int64_t cols, int64_t ld)
      : rows_(rows), cols_(cols), ld_(ld), memory_(static_cast<size_t>(ld * (cols + 2 * kGuard))) {
    std::memset(static_cast<void*>(memory_.data()), kCanary, memory_.size() * sizeof(T));
  }

  T* data() { return memory_.data() + kGuard * ld_; }
  const T* data() const { return memory_.data() + kGuard * ld_; }
  T& at(int64_t i, int64_t j) { return data()[i + j * ld_]; }
  const T& at(int64_t i, int64_t j) const { return data()[i + j * ld_]; }
  int64_t rows() const { return rows_; }
  int64_t cols() const { return cols_; }
  int64_t ld() const { return ld_; }

  // Notes the present content; untouched_outside() compares with it.
  void seal() { sealed_ = memory_; }

  // Every byte that is not an element of the region is as it was when sealed.
  bool untouched_outside(tile::Region region) const {
    for (int64_t p = 0; p < static_cast<int64_t>(memory_.size()); ++p) {
      const int64_t j = p / ld_ - kGuard, i = p % ld_;
      if (inside(region, i, j)) continue;
      if (std::memcmp(&memory_[static_cast<size_t>(p)], &sealed_[static_cast<size_t>(p)],
                      sizeof(T)) != 0) {
        return false;
      }
    }
    return true;
  }

  bool inside(tile::Region region, int64_t i, int64_t j) const {
    if (i < 0 || i >= rows_ || j < 0 || j >= cols_) return false;
    if (region == tile::Region::Upper) return i <= j;
    if (region == tile::Region::Lower) return i >= j;
    return true;
  }

 private:
  static constexpr int64_t kGuard = 2;  // columns
  static constexpr int kCanary = 0xab;

  int64_t rows_, cols_, ld_;
  std::vector<T> memory_;
  std::vector<T> sealed_;
};

}  // namespace blasx::support
