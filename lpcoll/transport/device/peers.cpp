// SPDX-License-Identifier: Apache-2.0
#include "lpcoll/transport/device/peers.hpp"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "lpcoll/trace/trace.hpp"

namespace lpcoll::device {
namespace {

Element element_of(const Call& call) {
  if (call.op != MPI_SUM) return Element::None;
  if (call.type == MPI_FLOAT || call.type == MPI_REAL) return Element::Float;
  if (call.type == MPI_DOUBLE || call.type == MPI_DOUBLE_PRECISION) return Element::Double;
  if (call.type == MPI_C_FLOAT_COMPLEX || call.type == MPI_COMPLEX) return Element::FloatComplex;
  if (call.type == MPI_C_DOUBLE_COMPLEX || call.type == MPI_DOUBLE_COMPLEX)
    return Element::DoubleComplex;
  return Element::None;
}

// What a rank tells of its buffers.
struct Told {
  bool on_devices;
  Shared send, recv;
};

// Chunk 0: who has what. Chunk 1: whether everybody reaches everything. Chunk 2: this rank's part is where the others take it from.
class BetweenPeers final : public Operation {
 public:
  BetweenPeers(DeviceMemory& devices, shm::Node& node, const Call& call, uint64_t first,
               std::unique_ptr<Operation> other)
      : devices_(devices),
        node_(node),
        call_(call),
        first_(first),
        end_(node.reserve(0)),
        other_(std::move(other)),
        sends_(static_cast<size_t>(node.size())),
        recvs_(sends_.size()) {}
  BetweenPeers(const BetweenPeers&) = delete;
  BetweenPeers& operator=(const BetweenPeers&) = delete;
  ~BetweenPeers() override {
    for (const Shared& shared : mapped_) devices_.unmap(shared);
  }

  Result<Advance> advance() override {
    if (step_ == Step::OtherWay) return other_->advance();
    if (step_ == Step::Tell && !node_.has_turn(first_)) return Advance::Waiting;
    Advance advanced = Advance::Waiting;
    while (go_on()) {
      advanced = Advance::Moved;
      if (step_ == Step::OtherWay) return advanced;
      if (step_ != Step::Done) continue;
      if (!status_) return failure(status_);
      return Advance::Complete;
    }
    return advanced;
  }
  bool calls_mpi() const override { return other_->calls_mpi(); }

 private:
  enum class Step : uint8_t { Tell, Map, Work, Collect, Leave, OtherWay, Done };
  static constexpr uint64_t kReady = 2;

  // One step, if it can be taken now.
  bool go_on() {
    switch (step_) {
      case Step::Tell:
        return tell() && to(Step::Map);
      case Step::Map:
        return node_.all_filled(first_) && map();
      case Step::Work:
        return node_.all_filled(first_ + 1) && decide();
      case Step::Collect:
        if (!node_.all_filled(first_ + kReady)) return false;
        if (call_.kind == Kind::Allreduce) collect();
        node_.mine().drained.chunks.store(end_, std::memory_order_release);
        return to(Step::Leave);
      case Step::Leave:
        // Until all have taken what they need from this rank's memory; of a broadcast they have, or their parts would not be ready.
        if (call_.kind == Kind::Allreduce && !all_have_left()) return false;
        node_.finish(end_);
        return to(Step::Done);
      case Step::OtherWay:
      case Step::Done:
        break;
    }
    return false;
  }
  bool to(Step step) {
    step_ = step;
    return true;
  }

  template <typename T>
  bool put(uint64_t chunk, const T& value) {
    if (!node_.slot_is_free(first_ + chunk)) return false;
    std::memcpy(node_.slot(node_.rank(), first_ + chunk), &value, sizeof value);
    node_.mine().filled.chunks.store(first_ + chunk + 1, std::memory_order_release);
    return true;
  }
  template <typename T>
  T get(uint64_t chunk, int rank) const {
    T value;
    std::memcpy(&value, node_.slot(rank, first_ + chunk), sizeof value);
    return value;
  }

  bool tell() {
    if (!node_.slot_is_free(first_)) return false;
    Told told = {};
    if (devices_.holds(call_.send) && devices_.holds(call_.recv)) {
      const Result<Shared> send = devices_.share(call_.send), recv = devices_.share(call_.recv);
      if (send && recv) told = {true, *send, *recv};
    }
    return put(0, told);
  }

  bool map() {
    if (!node_.slot_is_free(first_ + 1)) return false;
    bool reached = true;
    for (int rank = 0; reached && rank < node_.size(); ++rank) reached = map_of(rank);
    return put(1, reached) && to(Step::Work);
  }

  bool map_of(int rank) {
    const Told told = get<Told>(0, rank);
    if (!told.on_devices) return false;
    const bool wanted = call_.kind == Kind::Allreduce || rank == call_.root;
    if (rank == node_.rank() || !wanted) return true;
    return map_one(told.send, &sends_[static_cast<size_t>(rank)]) &&
           map_one(told.recv, &recvs_[static_cast<size_t>(rank)]);
  }
  bool map_one(const Shared& shared, const std::byte** here) {
    const Result<std::byte*> mapped = devices_.map(shared, call_.recv);
    if (!mapped) return false;
    mapped_.push_back(shared);
    *here = *mapped;
    return true;
  }

  bool decide() {
    if (!node_.slot_is_free(first_ + kReady)) return false;
    for (int rank = 0; rank < node_.size(); ++rank) {
      if (get<bool>(1, rank)) continue;
      node_.mine().drained.chunks.store(first_ + kPeerChunks, std::memory_order_release);
      node_.finish(first_ + kPeerChunks);
      return to(Step::OtherWay);
    }
    if (call_.kind == Kind::Allreduce) {
      add_own_part();
    } else if (node_.rank() != call_.root) {
      copy(call_.recv, sends_[static_cast<size_t>(call_.root)], call_.count * call_.extent);
    }
    return put(kReady, true) && to(Step::Collect);
  }

  struct Part {
    int64_t first, count;  // elements
  };
  Part part_of(int rank) const {
    const int64_t each = (call_.count + node_.size() - 1) / node_.size();
    const int64_t first = std::min<int64_t>(call_.count, rank * each);
    return {first, std::min(each, call_.count - first)};
  }

  void copy(std::byte* to, const std::byte* from, int64_t bytes) {
    if (!status_ || bytes == 0) return;
    const trace::Span span("copy between devices", bytes);
    status_ = devices_.copy(to, from, bytes);
  }

  // Own values, then the others' in their order: on every rank the same sums, for each part is added once.
  void add_own_part() {
    const Part part = part_of(node_.rank());
    const int64_t at = part.first * call_.extent;
    const trace::Span span("sum", part.count * call_.extent * node_.size());
    const std::byte* so_far = call_.send + at;
    for (int rank = 0; rank < node_.size() && part.count > 0 && status_; ++rank) {
      if (rank == node_.rank()) continue;
      status_ = devices_.add(call_.recv + at, so_far, sends_[static_cast<size_t>(rank)] + at,
                             part.count, element_of(call_));
      so_far = call_.recv + at;
    }
  }

  void collect() {
    for (int rank = 0; rank < node_.size(); ++rank) {
      const Part part = part_of(rank);
      const int64_t at = part.first * call_.extent;
      if (rank != node_.rank())
        copy(call_.recv + at, recvs_[static_cast<size_t>(rank)] + at, part.count * call_.extent);
    }
  }

  // A slot is free again when all have drained what was in it; the number is one of the future.
  bool all_have_left() {
    return node_.slot_is_free(first_ + kReady + static_cast<uint64_t>(node_.layout().slots));
  }

  DeviceMemory& devices_;
  shm::Node& node_;
  const Call call_;
  const uint64_t first_;
  const uint64_t end_;  // behind the other way's chunks
  std::unique_ptr<Operation> other_;
  std::vector<const std::byte*> sends_, recvs_;  // the other ranks', in this process
  std::vector<Shared> mapped_;                   // to be given back
  Step step_ = Step::Tell;
  Status status_;
};

}  // namespace

bool between_peers(const Call& call) {
  return call.kind == Kind::Bcast ||
         (call.kind == Kind::Allreduce && element_of(call) != Element::None);
}

std::unique_ptr<Operation> start_between_peers(DeviceMemory& devices, shm::Node& node,
                                               const Call& call, uint64_t first,
                                               std::unique_ptr<Operation> other) {
  return std::make_unique<BetweenPeers>(devices, node, call, first, std::move(other));
}

}  // namespace lpcoll::device
