// SPDX-License-Identifier: Apache-2.0
// How a message is cut: a value, the same on all ranks.
#pragma once

#include <algorithm>
#include <cstdint>

#include "lpcoll/transport/shm/node.hpp"

namespace lpcoll::shm {

class Chunks {
 public:
  Chunks(const Node& node, int64_t count, int64_t extent)
      : count_(count), extent_(extent), ranks_(node.size()) {
    // A message that fits into a few slots is cut finer, so that its parts overlap too.
    constexpr int64_t kLeastBytes = int64_t{16} << 10;
    const int64_t most = node.layout().slot_bytes;
    const int64_t wanted =
        std::clamp(count * extent / 4, std::min(kLeastBytes, most), most) / kLine * kLine;
    per_chunk_ = std::max<int64_t>(1, wanted / extent);
    number_ = static_cast<uint64_t>((count + per_chunk_ - 1) / per_chunk_);
  }

  uint64_t number() const { return number_; }

  struct Piece {
    int64_t first = 0;  // elements
    int64_t count = 0;
  };
  // The message's end first: what its owner has written last lies in caches.
  Piece chunk(uint64_t index) const {
    const int64_t first = static_cast<int64_t>(number_ - 1 - index) * per_chunk_;
    return {first, std::min(per_chunk_, count_ - first)};
  }
  // The part of a chunk that `rank` reduces, `first` counted from the chunk's beginning. On whole cache lines where elements
  // allow it, so that no two ranks write to one.
  Piece part(const Piece& chunk, int rank) const {
    const int64_t together = std::max<int64_t>(1, kLine / extent_);
    const int64_t even = (chunk.count + ranks_ - 1) / ranks_;
    const int64_t each = (even + together - 1) / together * together;
    const int64_t first = std::min(chunk.count, rank * each);
    return {first, std::min(each, chunk.count - first)};
  }

 private:
  static constexpr int64_t kLine = 64;
  int64_t count_;
  int64_t extent_;
  int64_t ranks_;
  int64_t per_chunk_ = 1;
  uint64_t number_ = 0;
};

}  // namespace lpcoll::shm
