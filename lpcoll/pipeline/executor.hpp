// SPDX-License-Identifier: Apache-2.0
// Carries out a Schedule over anything that can start a send and a receive and be asked whether it is done. One rank's state; used
// by one thread at a time.
//
// Receives are started in the order of the blocks, a few ahead, and sends in the order of the blocks as these become ready; the two
// do not wait for each other except where memory says so, so a chain whose broadcast has come round to where its reduction
// begins cannot stop itself. Nothing relies on a send being done before its receive is there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <utility>

#include "lpcoll/pipeline/schedule.hpp"

namespace lpcoll::pipeline {

inline constexpr int kReceives = 4;                    // started ahead
inline constexpr int kSends = 4;                       // not yet done
inline constexpr int kSlots = kReceives + 2 * kSends;  // a send may hold two

struct Buffers {
  const std::byte* own = nullptr;  // this rank's values
  std::byte* result = nullptr;     // equal to own: in place; null: this rank has no result
  std::byte* slots =
      nullptr;         // kSlots times the largest block, where partial results have no other place
  int64_t extent = 1;  // bytes from one element to the next
};

// Slots are needed where what arrives cannot be put where the result goes.
inline bool needs_slots(const Buffers& b) { return b.result == nullptr || b.own == b.result; }

// Net: Handle send(const std::byte*, int64_t count, int to); Handle receive(std::byte*, int64_t count, int from);
//      bool done(Handle&);
// Combine: (const std::byte* own, std::byte* received, int64_t count): received = own op received.
template <typename Net, typename Combine>
class Executor {
 public:
  Executor(Schedule schedule, const Buffers& buffers, Net net, Combine combine)
      : schedule_(std::move(schedule)),
        buffers_(buffers),
        net_(std::move(net)),
        combine_(std::move(combine)),
        slot_bytes_(schedule_.largest() * buffers.extent),
        size_(schedule_.size()) {}

  // Does what can be done now; true if that was anything.
  bool advance() {
    bool moved = false;
    while (start_receives() || finish_receive() || start_send() || finish_send()) moved = true;
    return moved;
  }
  // f(handle) of what advance() waits for.
  template <typename F>
  void each_awaited(F&& f) {
    if (!receives_.empty()) f(receives_.front().handle);
    if (!sends_.empty()) f(sends_.front().handle);
  }
  // This rank's part is done.
  bool complete() const {
    return next_send_ == size_ && next_receive_ == size_ && sends_.empty() && receives_.empty();
  }

 private:
  using Handle = typename Net::Handle;
  struct Receive {
    int64_t index;
    Block block;
    std::byte* data;
    Handle handle;
  };
  struct Send {
    int64_t index;
    int slots;  // that it gives back
    Handle handle;
  };

  bool through_slot(const Block& b) const {
    return b.combine && (needs_slots(buffers_) || b.second);
  }
  std::byte* place(const Block& b) const { return buffers_.result + b.begin * buffers_.extent; }
  int64_t first_not_arrived() const {
    return receives_.empty() ? next_receive_ : receives_.front().index;
  }
  bool finished(int64_t i) const {
    return i < first_not_arrived() && i < next_send_ &&
           (sends_.empty() || i < sends_.front().index);
  }

  bool start_receives() {
    bool any = false;
    while (next_receive_ < size_ && receives_.size() < kReceives) {
      const Block b = schedule_.block(next_receive_);
      if (b.from >= 0) {
        if (b.after >= 0 && !finished(b.after)) break;
        if (through_slot(b) && slots_taken_ - slots_given_back_ == kSlots) break;
        std::byte* data = through_slot(b) ? slot(slots_taken_++) : place(b);
        receives_.push_back({next_receive_, b, data, net_.receive(data, b.count, b.from)});
      }
      ++next_receive_;
      any = true;
    }
    return any;
  }

  bool finish_receive() {
    if (receives_.empty() || !net_.done(receives_.front().handle)) return false;
    const Receive r = receives_.front();
    receives_.pop_front();
    const bool joins_result = r.block.second && buffers_.result != nullptr;
    if (joins_result) {
      combine_(r.data, place(r.block), r.block.count);
    } else if (r.block.second) {
      combine_(in_slots_.back(), r.data, r.block.count);
      in_slots_.pop_back();
    } else if (r.block.combine) {
      combine_(own(r.block), r.data, r.block.count);
    }
    if (through_slot(r.block)) {
      // A slot is held only where there is no result to put it in: there nothing comes round.
      if (buffers_.result == nullptr) {
        in_slots_.push_back(r.data);
      } else if (joins_result) {
        ++slots_given_back_;
      } else {
        std::memcpy(place(r.block), r.data, static_cast<size_t>(r.block.count * buffers_.extent));
        ++slots_given_back_;
      }
    }
    return true;
  }

  bool start_send() {
    if (next_send_ == size_ || next_send_ >= first_not_arrived() || sends_.size() == kSends)
      return false;
    const Block b = schedule_.block(next_send_);
    if (b.from < 0 && b.final && !b.from_result && place(b) != own(b))
      std::memcpy(place(b), own(b), static_cast<size_t>(b.count * buffers_.extent));
    if (b.to >= 0) {
      const std::byte* data = b.from < 0 && !b.from_result ? own(b) : nullptr;
      const bool slotted = data == nullptr && through_slot(b) && buffers_.result == nullptr;
      if (slotted) {
        data = in_slots_.front();
        in_slots_.pop_front();
      } else if (data == nullptr) {
        data = place(b);
      }
      sends_.push_back(
          {next_send_, slotted ? (b.second ? 2 : 1) : 0, net_.send(data, b.count, b.to)});
    }
    ++next_send_;
    return true;
  }

  bool finish_send() {
    if (sends_.empty() || !net_.done(sends_.front().handle)) return false;
    slots_given_back_ += sends_.front().slots;
    sends_.pop_front();
    return true;
  }

  const std::byte* own(const Block& b) const { return buffers_.own + b.begin * buffers_.extent; }
  std::byte* slot(int64_t i) const { return buffers_.slots + i % kSlots * slot_bytes_; }

  Schedule schedule_;
  Buffers buffers_;
  Net net_;
  Combine combine_;
  int64_t slot_bytes_;
  int64_t size_;
  int64_t next_receive_ = 0, next_send_ = 0;
  int64_t slots_taken_ = 0, slots_given_back_ = 0;  // in one order: that of the blocks
  std::deque<Receive> receives_;
  std::deque<Send> sends_;
  std::deque<std::byte*>
      in_slots_;  // combined, not yet sent; both of a pair are given back with its send
};

}  // namespace lpcoll::pipeline
