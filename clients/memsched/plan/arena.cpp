// SPDX-License-Identifier: Apache-2.0
#include "clients/memsched/plan/arena.hpp"

#include <algorithm>
#include <iterator>
#include <stdexcept>

#include "clients/nn/graph/governor.hpp"

namespace memsched {

using nn::graph::block_bytes;

Arena::Arena(int64_t capacity_bytes) : capacity_bytes_(capacity_bytes) {
  if (capacity_bytes > 0) free_.emplace(0, capacity_bytes);
}

std::optional<int64_t> Arena::allocate(int64_t bytes) {
  const int64_t wanted = block_bytes(bytes);
  const auto hole =
      std::find_if(free_.begin(), free_.end(), [&](const auto& h) { return h.second >= wanted; });
  if (hole == free_.end()) return std::nullopt;
  const auto [offset, size] = *hole;
  free_.erase(hole);
  if (size > wanted) free_.emplace(offset + wanted, size - wanted);
  used_.emplace(offset, wanted);
  used_bytes_ += wanted;
  high_water_bytes_ = std::max(high_water_bytes_, offset + wanted);
  return offset;
}

void Arena::release(int64_t offset) {
  const auto block = used_.find(offset);
  if (block == used_.end()) throw std::logic_error("arena: no block begins where one is released");
  int64_t size = block->second;
  used_.erase(block);
  used_bytes_ -= size;
  auto next = free_.lower_bound(offset);
  if (next != free_.end() && offset + size == next->first) {
    size += next->second;
    next = free_.erase(next);
  }
  if (next != free_.begin()) {
    const auto before = std::prev(next);
    if (before->first + before->second == offset) {
      before->second += size;
      return;
    }
  }
  free_.emplace(offset, size);
}

int64_t Arena::largest_free_bytes() const {
  int64_t largest = 0;
  for (const auto& [offset, size] : free_) largest = std::max(largest, size);
  return largest;
}

std::vector<Arena::Move> Arena::compact(int64_t bytes) {
  const int64_t wanted = block_bytes(bytes);
  const std::vector<std::pair<int64_t, int64_t>> holes(free_.begin(), free_.end());
  // Neighbouring holes first..last that together suffice; what lies between them has to move.
  size_t first = 0, best_first = 0, best_last = 0;
  int64_t sum = 0, least = -1;
  for (size_t last = 0; last < holes.size(); ++last) {
    sum += holes[last].second;
    while (sum - holes[first].second >= wanted) sum -= holes[first++].second;
    if (sum < wanted) continue;
    const int64_t moved = holes[last].first + holes[last].second - holes[first].first - sum;
    if (least < 0 || moved < least) {
      least = moved;
      best_first = first;
      best_last = last;
    }
  }
  std::vector<Move> moves;
  if (least < 0) return moves;
  const int64_t begin = holes[best_first].first;
  const int64_t end = holes[best_last].first + holes[best_last].second;
  int64_t to = begin;
  std::map<int64_t, int64_t> moved;
  for (auto block = used_.lower_bound(begin); block != used_.end() && block->first < end;
       block = used_.erase(block)) {
    moves.push_back({block->first, to});
    moved.emplace(to, block->second);
    to += block->second;
  }
  used_.merge(moved);
  for (size_t i = best_first; i <= best_last; ++i) free_.erase(holes[i].first);
  free_.emplace(to, end - to);
  return moves;
}

}  // namespace memsched
