// SPDX-License-Identifier: Apache-2.0
// The memory that the ranks of one communicator share on one host: a ring of slots and a few counters for each rank. The Node
// owns this rank's mapping of it; a rank writes its own counters and reads everybody's. Whose slots it writes the operation says.
#pragma once

#include <mpi.h>
#include <sys/types.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "lpcoll/transport/operation.hpp"

namespace lpcoll::shm {

// Equal on all ranks. Zeros: what fits the number of ranks.
struct Layout {
  int64_t slot_bytes = 0;  // a multiple of 64
  int64_t slots = 0;
};

// Chunks are numbered from the Node's first to its last, over all its operations, so a counter never goes back and back-to-back
// operations cannot take one's state for the other's. Two lines apart, because lines are fetched in pairs.
struct alignas(128) Counter {
  std::atomic<uint64_t> chunks{0};
};
static_assert(std::atomic<uint64_t>::is_always_lock_free, "locks are not shared between processes");

// Of every chunk all ranks say that they drained it; that it is filled or reduced only those say who are asked.
struct Counters {
  Counter filled;  // chunks below lie in this rank's slots
  Counter
      reduced;  // chunks below have this rank's part of the result in the slots of all who want it
  Counter drained;  // chunks below are of no more use to this rank, in whosever slots
  Counter
      failed;  // one more than the last chunk with which this rank could not do its part; 0: there is none
};

class Node {
 public:
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;
  ~Node() = default;

  // Gives the memory back; called by all ranks alike when no operation is left. Without it the memory lives until the process
  // ends, because a rank cannot give it back alone.
  void close();

  int rank() const { return rank_; }
  int size() const { return size_; }
  const Layout& layout() const { return layout_; }

  // Where `rank` keeps the chunk.
  std::byte* slot(int rank, uint64_t chunk) const {
    return ranks_[static_cast<size_t>(rank)].slots +
           static_cast<int64_t>(chunk % static_cast<uint64_t>(layout_.slots)) * layout_.slot_bytes;
  }
  Counters& mine() const { return *ranks_[static_cast<size_t>(rank_)].counters; }

  // True once all ranks' counter has passed `chunk`. Remembers what it saw: counters of others are cache misses.
  bool all_filled(uint64_t chunk) { return all_passed(&Counters::filled, &filled_, chunk); }
  bool all_reduced(uint64_t chunk) { return all_passed(&Counters::reduced, &reduced_, chunk); }
  // True once this rank's slot for `chunk` holds nothing that is still wanted.
  bool slot_is_free(uint64_t chunk) {
    const auto slots = static_cast<uint64_t>(layout_.slots);
    return chunk < slots || all_passed(&Counters::drained, &drained_, chunk - slots);
  }
  bool filled(int rank, uint64_t chunk) const {
    return ranks_[static_cast<size_t>(rank)].counters->filled.chunks.load(
               std::memory_order_acquire) > chunk;
  }

  bool all_drained(uint64_t chunk) { return all_passed(&Counters::drained, &drained_, chunk); }
  // Once all have drained the chunk.
  bool failed(int rank, uint64_t chunk) const {
    return ranks_[static_cast<size_t>(rank)].counters->failed.chunks.load(
               std::memory_order_relaxed) == chunk + 1;
  }

  // Whether every rank may read and write every other's memory; the same on all.
  bool reaches_all() const { return reaches_all_; }
  pid_t process(int rank) const { return ranks_[static_cast<size_t>(rank)].process; }
  // Memory for the operation that has the turn, for as long as it has it.
  std::byte* scratch(int64_t bytes);

  // Operations take the next `chunks` numbers when they start and have their turn one after another.
  uint64_t reserve(uint64_t chunks);
  bool has_turn(uint64_t first) const { return served_ == first; }
  // This rank's part of all chunks below `end` is done.
  void finish(uint64_t end) { served_ = end; }

 private:
  friend Result<std::unique_ptr<Node>> open_node(MPI_Comm comm, Layout layout);
  struct Rank {
    Counters* counters = nullptr;
    std::byte* slots = nullptr;
    pid_t process = 0;
  };

  Node() = default;
  Status map(MPI_Comm comm);
  void introduce(uint64_t* word);
  bool reaches(int rank);
  bool all_passed(Counter Counters::*counter, uint64_t* seen, uint64_t chunk);

  int rank_ = 0;
  int size_ = 1;
  Layout layout_;
  MPI_Win window_ = MPI_WIN_NULL;
  std::vector<Rank> ranks_;
  uint64_t filled_ = 0;  // the least of all ranks, as last seen
  uint64_t reduced_ = 0;
  uint64_t drained_ = 0;
  uint64_t next_ = 0;
  uint64_t served_ = 0;
  bool reaches_all_ = false;
  std::vector<std::byte> scratch_;
};

// Collective over `comm`, whose ranks must share one host. Where one rank fails, all fail.
Result<std::unique_ptr<Node>> open_node(MPI_Comm comm, Layout layout = {});

}  // namespace lpcoll::shm
