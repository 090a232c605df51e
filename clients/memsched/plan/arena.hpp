// SPDX-License-Identifier: Apache-2.0
// The book-keeping of one pool of memory: offsets, no memory of its own. The lowest hole that fits is taken; what is
// given back becomes one with its neighbours.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace memsched {

class Arena {
 public:
  explicit Arena(int64_t capacity_bytes);

  // Sizes are rounded up to blocks (nn::graph::block_bytes). Nothing when no hole is large enough.
  std::optional<int64_t> allocate(int64_t bytes);
  void release(int64_t offset);

  int64_t used_bytes() const { return used_bytes_; }
  int64_t free_bytes() const { return capacity_bytes_ - used_bytes_; }
  int64_t largest_free_bytes() const;
  // The end of the last block ever in use.
  int64_t high_water_bytes() const { return high_water_bytes_; }

  struct Move {
    int64_t from = 0, to = 0;
  };
  // Pushes blocks down so that a hole for `bytes` appears, and says which went where, in the order to move them; the
  // fewest bytes that will do. Empty when free_bytes() does not suffice.
  std::vector<Move> compact(int64_t bytes);

 private:
  int64_t capacity_bytes_;
  int64_t used_bytes_ = 0;
  int64_t high_water_bytes_ = 0;
  std::map<int64_t, int64_t> free_;  // offset: bytes; no two touch
  std::map<int64_t, int64_t> used_;
};

}  // namespace memsched
