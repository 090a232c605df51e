// SPDX-License-Identifier: Apache-2.0
#include "lpcoll/transport/shm/node.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <random>
#include <string>

#include "lpcoll/transport/shm/reach.hpp"

namespace lpcoll::shm {
namespace {

// With 2 and 4 ranks on 2 cores whose second-level caches hold 2 MiB, allreduces of 1 to 16 MiB took 3 to 12 per cent less than with twice
// the slots or slots twice as large: a ring shares the cache with what it carries. Two slots are too few to be filled, reduced and
// drained at once.
constexpr Layout kDefault = {.slot_bytes = int64_t{128} << 10, .slots = 4};
// All ranks' rings together: the host's last cache, and half of what containers give /dev/shm.
constexpr int64_t kAllRings = int64_t{32} << 20;
constexpr int64_t kLeastSlot = int64_t{32} << 10;
constexpr int64_t kPage = 4096;

std::string text_of(int error) {
  char text[MPI_MAX_ERROR_STRING] = {};
  int length = 0;
  PMPI_Error_string(error, text, &length);
  return {text, static_cast<size_t>(length)};
}

// Errors of the communicator come back instead of ending the program: there is another way to go.
class ReturnErrors {
 public:
  explicit ReturnErrors(MPI_Comm comm) : comm_(comm) {
    PMPI_Comm_get_errhandler(comm, &before_);
    PMPI_Comm_set_errhandler(comm, MPI_ERRORS_RETURN);
  }
  ReturnErrors(const ReturnErrors&) = delete;
  ReturnErrors& operator=(const ReturnErrors&) = delete;
  ~ReturnErrors() {
    PMPI_Comm_set_errhandler(comm_, before_);
    PMPI_Errhandler_free(&before_);
  }

 private:
  MPI_Comm comm_;
  MPI_Errhandler before_ = MPI_ERRHANDLER_NULL;
};

Layout layout_for(int64_t ranks) {
  const int64_t share = kAllRings / (ranks * kDefault.slots) / kPage * kPage;
  return {std::clamp(share, kLeastSlot, kDefault.slot_bytes), kDefault.slots};
}

// A word of this process's own memory, for others to find, and its value. Numbers of processes may mean others elsewhere, as between
// containers.
struct Introduction {
  int64_t process = 0;
  uint64_t* word = nullptr;
  uint64_t value = 0;
};
static_assert(sizeof(Introduction) <= 64, "the smallest slot");

// The same offset in all mappings, for they differ by whole pages.
std::byte* align(void* address, uintptr_t to) {
  const auto bits = reinterpret_cast<uintptr_t>(address);
  return static_cast<std::byte*>(address) + (to - bits % to) % to;
}

}  // namespace

Status Node::map(MPI_Comm comm) {
  constexpr auto counters = static_cast<int64_t>(sizeof(Counters));
  const int64_t bytes = counters + layout_.slots * layout_.slot_bytes + int64_t{alignof(Counters)};
  const int64_t pages = (bytes + kPage - 1) / kPage * kPage;
  void* base = nullptr;
  int error = PMPI_Win_allocate_shared(pages, 1, MPI_INFO_NULL, comm, &base, &window_);
  if (error != MPI_SUCCESS) {
    window_ = MPI_WIN_NULL;
    return Status(StatusCode::OutOfMemory, "shared memory: " + text_of(error));
  }
  PMPI_Win_set_errhandler(window_, MPI_ERRORS_RETURN);
  ranks_.resize(static_cast<size_t>(size_));
  for (int rank = 0; rank < size_; ++rank) {
    MPI_Aint size = 0;
    int unit = 0;
    error = PMPI_Win_shared_query(window_, rank, &size, &unit, &base);
    if (error != MPI_SUCCESS || size < bytes) {
      return Status(StatusCode::Unavailable,
                    "shared memory of rank " + std::to_string(rank) + ": " + text_of(error));
    }
    Rank& its = ranks_[static_cast<size_t>(rank)];
    std::byte* aligned = align(base, alignof(Counters));
    its.counters = reinterpret_cast<Counters*>(aligned);
    its.slots = aligned + counters;
  }
  // Written by its owner first, so that the pages lie on the owner's memory node.
  Rank& own = ranks_[static_cast<size_t>(rank_)];
  new (own.counters) Counters;
  std::memset(own.slots, 0, static_cast<size_t>(layout_.slots * layout_.slot_bytes));
  return {};
}

void Node::introduce(uint64_t* word) {
  std::random_device random;
  *word = (uint64_t{random()} << 32) ^ random();
  const Introduction own{::getpid(), word, *word};
  std::memcpy(slot(rank_, 0), &own, sizeof own);
}

// Others write the same value to the word, so that nothing changes.
bool Node::reaches(int rank) {
  Introduction its;
  std::memcpy(&its, slot(rank, 0), sizeof its);
  const auto process = static_cast<pid_t>(its.process);
  auto* there = reinterpret_cast<std::byte*>(its.word);
  uint64_t found = 0;
  auto* here = reinterpret_cast<std::byte*>(&found);
  ranks_[static_cast<size_t>(rank)].process = process;
  return read_from(process, here, there, sizeof found) && found == its.value &&
         write_to(process, there, here, sizeof found);
}

std::byte* Node::scratch(int64_t bytes) {
  if (scratch_.size() < static_cast<size_t>(bytes)) {
    scratch_.resize(static_cast<size_t>(bytes));
  }
  return scratch_.data();
}

Result<std::unique_ptr<Node>> open_node(MPI_Comm comm, Layout layout) {
  std::unique_ptr<Node> node(new Node);
  PMPI_Comm_rank(comm, &node->rank_);
  PMPI_Comm_size(comm, &node->size_);
  const bool is_given = layout.slot_bytes > 0 && layout.slots > 0;
  node->layout_ = is_given ? layout : layout_for(node->size_);
  if (node->size_ == 1) {
    return node;
  }
  const ReturnErrors guard(comm);
  const Status status = node->map(comm);
  uint64_t word = 0;
  if (status) {
    node->introduce(&word);
  }
  // Also the barrier that keeps everybody from counters not yet at zero.
  int worst = status ? 0 : 1;
  const int error = PMPI_Allreduce(MPI_IN_PLACE, &worst, 1, MPI_INT, MPI_MAX, comm);
  if (!status) {
    return failure(status);
  }
  if (error != MPI_SUCCESS || worst != 0) {
    return failure(StatusCode::Unavailable, "shared memory: another rank has none");
  }
  int reaches_all = 1;
  for (int rank = 0; rank < node->size_ && reaches_all != 0; ++rank) {
    reaches_all = rank == node->rank_ || node->reaches(rank) ? 1 : 0;
  }
  // Also until nobody looks for the word any more.
  if (PMPI_Allreduce(MPI_IN_PLACE, &reaches_all, 1, MPI_INT, MPI_MIN, comm) != MPI_SUCCESS) {
    return failure(StatusCode::Unavailable, "shared memory: the ranks cannot agree");
  }
  node->reaches_all_ = reaches_all != 0;
  return node;
}

void Node::close() {
  if (window_ != MPI_WIN_NULL) {
    PMPI_Win_free(&window_);
    ranks_.clear();
  }
}

bool Node::all_passed(Counter Counters::*counter, uint64_t* seen, uint64_t chunk) {
  if (*seen > chunk) {
    return true;
  }
  uint64_t least = UINT64_MAX;
  for (const Rank& its : ranks_) {
    const uint64_t at = (its.counters->*counter).chunks.load(std::memory_order_acquire);
    if (at <= chunk) {
      return false;
    }
    least = at < least ? at : least;
  }
  *seen = least;
  return true;
}

uint64_t Node::reserve(uint64_t chunks) {
  const uint64_t first = next_;
  next_ += chunks;
  return first;
}

}  // namespace lpcoll::shm
