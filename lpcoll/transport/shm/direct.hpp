// SPDX-License-Identifier: Apache-2.0
// What operations in one copy have in common. All ranks meet, each with its buffers' addresses in its own slot; the message is cut
// into pieces, and whoever runs takes the next one, so that a rank without a core keeps nobody waiting; all part together, when
// nobody needs another's buffers any more. A rank that cannot reach another's memory tells all, and the operation fails everywhere.
#pragma once

#include <atomic>
#include <utility>

#include "lpcoll/transport/operation.hpp"
#include "lpcoll/transport/shm/node.hpp"

namespace lpcoll::shm {

// In a rank's slot; all ranks write the numbers.
struct Told {
  const std::byte* send = nullptr;
  std::byte* recv = nullptr;
  std::atomic<int64_t> taken{0};  // pieces that somebody has begun
  std::atomic<int64_t> done{0};
};
static_assert(sizeof(Told) <= 64, "the smallest slot");

class Direct : public Operation {
 public:
  Direct(Node& node, const Call& call);

  Result<Advance> advance() final;

 protected:
  // Takes and carries out one piece if there is one to take now.
  enum class Work : uint8_t { Wait, Moved, NoneLeft };
  virtual Work work() = 0;

  // Of a rank that has come.
  Told& told(int rank) const;
  bool all_have_come() { return node_.all_filled(first_); }
  bool has_come(int rank) const { return node_.filled(rank, first_); }

  int64_t pieces() const { return pieces_; }
  struct Piece {
    int64_t first, count;  // elements
  };
  // The message's end first: what its owner has written last lies in caches.
  Piece piece(int64_t index) const;
  int64_t most_bytes() const { return per_piece_ * call_.extent; }

  // The first of these that fails is what this rank reports.
  void note(Status status) {
    if (status_) status_ = std::move(status);
  }
  bool is_good() const { return status_.ok(); }

  Node& node_;
  const Call call_;

 private:
  enum class Step : uint8_t { Come, Work, Leave };
  bool come();
  void leave();
  Status others_status() const;

  const uint64_t first_;
  int64_t per_piece_ = 1;
  int64_t pieces_ = 0;
  Step step_ = Step::Come;
  Status status_;
};

}  // namespace lpcoll::shm
