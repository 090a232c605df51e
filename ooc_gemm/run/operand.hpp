// SPDX-License-Identifier: Apache-2.0
// The panels of one operand in memory: one that is multiplied, one that is being read. Owns neither the memory nor
// the file; called by the run's thread, read into by the pool's.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "ooc_gemm/run/product.hpp"
#include "ooc_gemm/storage/file.hpp"
#include "ooc_gemm/storage/pool.hpp"

namespace ooc_gemm::run {

class Operand {
 public:
  // Beyond a panel's elements, so that it can lie as the disk's sectors do.
  static constexpr int64_t kSpareBytes = 2 * storage::kPage;
  static int64_t room_bytes(int64_t panel_bytes) {
    return panel_bytes / storage::kPage * storage::kPage + kSpareBytes;
  }

  // `order` is the output's. `memory`, at a page, has twice the room for `panel_elems`.
  Operand(const storage::File& file, Operation operation, storage::Order order, char* memory,
          int64_t panel_elems, storage::Pool& pool);

  // Has this window of op(X) read unless it is one of the two that are there; gives the slot it will be in. Of two others the one
  // asked for last stays.
  int fetch(const storage::Window& window);
  blasx::Status wait(int slot) { return slots_[static_cast<size_t>(slot)].ticket.wait(); }
  // op(X) from this row and column of the slot's window on, as a BLAS call in the output's order takes it.
  Factor factor(int slot, int64_t row, int64_t col) const;
  int64_t read_bytes() const { return read_bytes_; }

 private:
  struct Slot {
    storage::Window window;  // of op(X)
    storage::Window stored;  // of X
    char* room = nullptr;
    char* data = nullptr;  // in it
    int64_t ld = 1;
    storage::Ticket ticket;
  };
  void read(Slot& slot);
  blasx::Status read_lines(const Slot& slot, int64_t first, int64_t count, bool has_room) const;

  const storage::File& file_;
  Operation operation_;
  bool same_order_;
  int64_t panel_elems_;
  storage::Pool& pool_;
  std::array<Slot, 2> slots_;
  int last_ = 0;
  int64_t read_bytes_ = 0;
};

}  // namespace ooc_gemm::run
