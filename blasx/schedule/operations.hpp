// SPDX-License-Identifier: Apache-2.0
// The operations under way: what was commanded and is not answered. Owned by the scheduler; inline because it is half of
// what an operation costs.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "blasx/schedule/protocol.hpp"
#include "common/check.hpp"

namespace blasx::schedule {

// A cache line, so that places are found without a multiplication.
struct alignas(64) Operation {
  enum class Kind : uint8_t { None, FetchInput, FetchOutput, Compute, Store };
  Kind kind = Kind::None;
  bool dropped = false;  // its result no longer counts
  DeviceId device{};
  DeviceId source = DeviceId::Home;
  BlockId block = BlockId::None;
  BlockId source_block = BlockId::None;
  int32_t slot = 0;
  int32_t stream = 0;
  TaskId task = TaskId::None;
  TileId tile = TileId::None;
  uint32_t place = 0;       // in the table
  uint32_t generation = 0;  // of the operations that were kept there: late answers are found out
  uint32_t next_free = 0;   // of places, once it is over
};

class Operations {
 public:
  // A new one, to be filled in where it is kept: valid until the next is opened.
  Operation& open(Operation::Kind kind, DeviceId device) {
    if (free_ == all_.size()) {
      all_.emplace_back();
      all_.back().next_free = free_ + 1;
    }
    const uint32_t place = free_;
    Operation& op = all_[place];
    const uint32_t generation = op.generation + 1;
    free_ = op.next_free;
    op = Operation{};
    op.kind = kind;
    op.device = device;
    op.place = place;
    op.generation = generation;
    ++count_;
    return op;
  }

  // One like another that did not happen.
  Operation& open_again(const Operation& op) {
    Operation& again = open(op.kind, op.device);
    const uint32_t place = again.place, generation = again.generation;
    again = op;
    again.place = place;
    again.generation = generation;
    return again;
  }

  static OpId id(const Operation& op) {
    return OpId{static_cast<int64_t>(op.generation) << kPlaceBits | op.place};
  }

  // It was answered. Throws InternalError if it was before.
  Operation close(OpId id) {
    const auto number = static_cast<int64_t>(id);
    const auto place = static_cast<uint32_t>(number & ((int64_t{1} << kPlaceBits) - 1));
    BLASX_CHECK_LT(place, all_.size());
    const Operation op = all_[place];
    BLASX_CHECK(op.kind != Operation::Kind::None);
    BLASX_CHECK_EQ(static_cast<int64_t>(op.generation), number >> kPlaceBits);
    all_[place].kind = Operation::Kind::None;
    all_[place].next_free = std::exchange(free_, place);
    --count_;
    return op;
  }

  int32_t count() const { return count_; }

  // Calls visit(operation) for each.
  template <typename F>
  void each(F&& visit) {
    for (Operation& op : all_) {
      if (op.kind != Operation::Kind::None) visit(op);
    }
  }

  // Throws InternalError if the count is wrong. For tests.
  void check_invariants() const {
    BLASX_CHECK_EQ(
        std::count_if(all_.begin(), all_.end(),
                      [](const Operation& op) { return op.kind != Operation::Kind::None; }),
        count_);
  }

 private:
  static constexpr int kPlaceBits = 24;

  std::vector<Operation> all_;
  uint32_t free_ = 0;  // the first of a list that ends where the table does
  int32_t count_ = 0;
};

}  // namespace blasx::schedule
