// SPDX-License-Identifier: Apache-2.0
#include "lpcoll/transport/shm/direct.hpp"

#include <algorithm>
#include <new>

namespace lpcoll::shm {
namespace {

// Larger ones leave a second-level cache no room for a sum's terms, smaller ones spend their time entering the kernel.
constexpr int64_t kMostPiece = int64_t{256} << 10;
constexpr int64_t kLeastPiece = int64_t{16} << 10;
constexpr int64_t kPiecesOfARank = 4;
constexpr int64_t kPage = 4096;

}  // namespace

Direct::Direct(Node& node, const Call& call) : node_(node), call_(call), first_(node.reserve(1)) {
  const int64_t wanted = std::clamp(call.count * call.extent / (kPiecesOfARank * node.size()),
                                    kLeastPiece, kMostPiece);
  per_piece_ = std::max<int64_t>(1, wanted / kPage * kPage / call.extent);
  pieces_ = (call.count + per_piece_ - 1) / per_piece_;
}

Direct::Piece Direct::piece(int64_t index) const {
  const int64_t first = (pieces_ - 1 - index) * per_piece_;
  return {first, std::min(per_piece_, call_.count - first)};
}

Told& Direct::told(int rank) const { return *reinterpret_cast<Told*>(node_.slot(rank, first_)); }

bool Direct::come() {
  if (!node_.has_turn(first_) || !node_.slot_is_free(first_)) {
    return false;
  }
  Told* own = new (node_.slot(node_.rank(), first_)) Told;
  own->send = call_.send;
  own->recv = call_.recv;
  node_.mine().filled.chunks.store(first_ + 1, std::memory_order_release);
  return true;
}

void Direct::leave() {
  Counters& mine = node_.mine();
  if (!status_) {
    mine.failed.chunks.store(first_ + 1, std::memory_order_relaxed);
  }
  mine.drained.chunks.store(first_ + 1, std::memory_order_release);
}

Status Direct::others_status() const {
  for (int rank = 0; rank < node_.size(); ++rank) {
    if (node_.failed(rank, first_)) {
      return Status(StatusCode::Unavailable,
                    "rank " + std::to_string(rank) + " could not reach another's memory");
    }
  }
  return {};
}

Result<Advance> Direct::advance() {
  Advance advanced = Advance::Waiting;
  if (step_ == Step::Come) {
    if (!come()) {
      return advanced;
    }
    step_ = Step::Work;
    advanced = Advance::Moved;
  }
  while (step_ == Step::Work) {
    const Work worked = work();
    // A rank reads what failed in the operation before until it comes to this one.
    if (worked == Work::Wait || (worked == Work::NoneLeft && !status_ && !all_have_come())) {
      return advanced;
    }
    advanced = Advance::Moved;
    if (worked == Work::NoneLeft) {
      leave();
      step_ = Step::Leave;
    }
  }
  if (!node_.all_drained(first_)) {
    return advanced;
  }
  node_.finish(first_ + 1);
  if (status_) {
    status_ = others_status();
  }
  if (!status_) {
    return failure(status_);
  }
  return Advance::Complete;
}

}  // namespace lpcoll::shm
