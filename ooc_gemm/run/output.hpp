// SPDX-License-Identifier: Apache-2.0
// The block of C in memory, in strips of lines: while a strip is written (and the next block's old values are read
// into its place), others are computed. Owns neither memory nor file. Called by the run's thread; the pool's threads
// write, and the one that ends a block notes it in the journal.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>

#include "ooc_gemm/plan/order.hpp"
#include "ooc_gemm/run/job.hpp"
#include "ooc_gemm/run/journal.hpp"
#include "ooc_gemm/storage/pool.hpp"

namespace ooc_gemm::run {

class Output {
 public:
  static constexpr int kStrips = 8;

  Output(const plan::Plan& plan, const Inputs& inputs, const storage::File& file, char* memory,
         storage::Pool& pool);

  // Rows and columns of a block in C, and of some of its strips (empty beyond the block's end).
  storage::Window block(int64_t ordinal) const;
  storage::Window strips(int64_t ordinal, int first, int count) const;
  storage::Window strip(int64_t ordinal, int index) const { return strips(ordinal, index, 1); }
  void* strip_data(int index) const;
  int64_t ld() const { return ld_; }

  // Old values of C into a strip's place.
  void load(int64_t ordinal, int index);
  // Has the system give the memory of a strip that is not read, which takes longer than to read one.
  void have(int64_t ordinal, int index);
  // Until a strip's place may be computed in.
  Status wait(int index) { return tickets_[static_cast<size_t>(index)].wait(); }
  // Computed: write it, then load the strip of block `next` (negative: none).
  void store(int64_t ordinal, int index, int64_t next, Journal& journal);
  Status wait_all();

  // Whether the file holds a block with this checksum. Uses the block's memory.
  Result<bool> is_intact(int64_t ordinal, uint64_t checksum);

  int64_t read_bytes() const { return read_bytes_; }
  int64_t written_bytes() const { return written_bytes_; }
  int64_t blocks_written() const { return blocks_written_; }

 private:
  struct Unfinished {
    std::atomic<int> strips_left{kStrips};
    std::array<uint64_t, kStrips> sums{};
  };
  uint64_t checksum(const storage::Window& strip, const char* data) const;
  Status read_strip(int64_t ordinal, int index, const storage::File& from);

  const plan::Plan& plan_;
  const Inputs& inputs_;
  const storage::File& file_;
  char* memory_;
  storage::Pool& pool_;
  int64_t element_;
  int64_t ld_;
  int64_t strip_lines_;
  std::shared_ptr<Unfinished> unfinished_;
  int64_t unfinished_ordinal_ = -1;
  std::atomic<int64_t> read_bytes_{0};
  std::atomic<int64_t> written_bytes_{0};
  std::atomic<int64_t> blocks_written_{0};
  std::array<storage::Ticket, kStrips> tickets_;
};

}  // namespace ooc_gemm::run
