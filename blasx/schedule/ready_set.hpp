// SPDX-License-Identifier: Apache-2.0
// A set of numbers (a zone's tasks by their turn) walked up or down: a bitmap, so that adding and removing cost nothing and
// the walk skips 64 at a time. Owned by the scheduler.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

namespace blasx::schedule {

class ReadySet {
 public:
  explicit ReadySet(int32_t tasks) : words_(static_cast<size_t>(tasks + 63) / 64, 0) {}

  void add(int32_t id) {
    const auto w = static_cast<size_t>(id) / 64;
    words_[w] |= bit(id);
    if (w < first_) first_ = w;
    ++count_;
  }
  void remove(int32_t id) {
    words_[static_cast<size_t>(id) / 64] &= ~bit(id);
    --count_;
  }
  bool contains(int32_t id) const { return (words_[static_cast<size_t>(id) / 64] & bit(id)) != 0; }
  int32_t count() const { return count_; }

  // Calls visit(id) for those in [begin, end) in ascending order until it returns false.
  template <typename F>
  void walk(int32_t begin, int32_t end, F&& visit) {
    while (first_ < words_.size() && words_[first_] == 0) ++first_;
    for (size_t w = std::max(first_, word(begin)); w < words_.size(); ++w) {
      for (uint64_t left = words_[w]; left != 0; left &= left - 1) {
        const int32_t id = static_cast<int32_t>(w * 64) + std::countr_zero(left);
        if (id < begin) continue;
        if (id >= end || !visit(id)) return;
      }
    }
  }

  // The same in descending order.
  template <typename F>
  void walk_back(int32_t begin, int32_t end, F&& visit) const {
    for (size_t w = std::min(words_.size(), word(end) + 1); w-- > first_;) {
      for (uint64_t left = words_[w]; left != 0;) {
        const int bit_number = 63 - std::countl_zero(left);
        const int32_t id = static_cast<int32_t>(w * 64) + bit_number;
        left &= ~(uint64_t{1} << bit_number);
        if (id >= end) continue;
        if (id < begin || !visit(id)) return;
      }
    }
  }

 private:
  static size_t word(int32_t id) { return static_cast<size_t>(id) / 64; }
  static uint64_t bit(int32_t id) { return uint64_t{1} << (id % 64); }

  std::vector<uint64_t> words_;
  size_t first_ = 0;  // no set bit before this word
  int32_t count_ = 0;
};

}  // namespace blasx::schedule
