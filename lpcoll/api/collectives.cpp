// SPDX-License-Identifier: Apache-2.0
// The collectives a program calls. All ranks decide alike, from what is equal on all of them: the bytes of the message, the
// communicator, the operator, and settings that its rank 0 has told the others. What is wrong, unusual or small goes to the
// MPI underneath with the caller's own arguments, so that it raises what it always raises.
#include <sched.h>

#include <climits>
#include <memory>
#include <optional>

#include "common/log.hpp"
#include "lpcoll/api/communicator.hpp"
#include "lpcoll/api/statistics.hpp"
#include "lpcoll/api/types.hpp"
#include "lpcoll/lpcoll.h"
#include "lpcoll/transport/shm/shm.hpp"
#include "lpcoll/tune/choose.hpp"

namespace lpcoll::api {
namespace {

constexpr tune::Collective kind_of(Kind kind) { return static_cast<tune::Collective>(kind); }

// Bytes of the message, or -1 for what is not for us to judge.
int64_t message_bytes(int count, MPI_Datatype type, MPI_Comm comm) {
  if (comm == MPI_COMM_NULL || type == MPI_DATATYPE_NULL || count <= 0) return -1;
  // A type may be larger than an int tells; ranks that describe the same bytes otherwise must not see another size.
  MPI_Count size = 0;
  if (PMPI_Type_size_x(type, &size) != MPI_SUCCESS || size < 0) return -1;
  return size > 0 && count > INT64_MAX / size ? -1 : int64_t{count} * size;
}

struct Plan {
  Communicator* state;
  tune::Choice choice;
};

// How the call is to be carried out here; none: by the MPI underneath. `root` is -1 where there is none.
std::optional<Plan> plan(Kind kind, int64_t bytes, int root, MPI_Comm comm) {
  int inter = 0;
  if (PMPI_Comm_test_inter(comm, &inter) != MPI_SUCCESS || inter != 0) return std::nullopt;
  int size = 1;
  if (PMPI_Comm_size(comm, &size) != MPI_SUCCESS || size < 2 || root >= size) return std::nullopt;
  Communicator* state = communicator_of(comm);
  if (state == nullptr) return std::nullopt;
  if (state->settings.stats != 0) want_statistics();
  const tune::Facts facts{kind_of(kind), bytes, state->size, state->hosts, state->node != nullptr};
  const tune::Choice choice = tune::choose(facts, state->settings);
  count_call(kind_of(kind), choice.transport, bytes);
  if (choice.transport == tune::Transport::None) return std::nullopt;
  return Plan{state, choice};
}

int finish(Operation& operation, MPI_Comm comm) {
  // Ranks may outnumber cores: whoever waits lets others work, but not at every look.
  constexpr unsigned kLooks = 64;
  for (unsigned looks = 1;; ++looks) {
    const Result<bool> done = operation.advance();
    if (!done) {
      blasx::log::error(done.error().to_string());
      PMPI_Comm_call_errhandler(comm, MPI_ERR_OTHER);
      return MPI_ERR_OTHER;
    }
    if (*done) return MPI_SUCCESS;
    if (looks % kLooks == 0) sched_yield();
  }
}

int carry_out(const Plan& plan, const Call& call, MPI_Comm comm) {
  Communicator& state = *plan.state;
  if (plan.choice.transport == tune::Transport::Shm)
    return finish(*shm::start_on_node(*state.node, call), comm);
  Route route;
  route.chains = plan.choice.chains;
  route.segment_bytes = plan.choice.segment;
  route.in_rank_order = state.settings.reproducible != 0;
  route.circle = state.circle;
  return finish(*start_pipelined(state.comm, call, route, state.workspace), comm);
}

// Elements with gaps travel without them. MPI's pack counts its bytes in an int, so long messages go piece by piece.
class Pieces {
 public:
  Pieces(void* buffer, int count, MPI_Datatype type)
      : buffer_(static_cast<std::byte*>(buffer)), count_(count), type_(type) {
    MPI_Aint lower = 0;
    PMPI_Type_size_x(type, &size_);
    PMPI_Type_get_extent(type, &lower, &extent_);
    together_ =
        static_cast<int>(std::max<MPI_Count>(1, kMostBytes / std::max<MPI_Count>(1, size_)));
  }
  // f(elements, number of them, their packed bytes, where these lie from the beginning)
  template <typename F>
  int each(F&& f) const {
    for (int i = 0; i < count_; i += together_) {
      const int n = std::min(together_, count_ - i);
      const int code = f(buffer_ + i * extent_, n, n * size_, i * size_);
      if (code != MPI_SUCCESS) return code;
    }
    return MPI_SUCCESS;
  }
  int pack(std::byte* to, MPI_Comm comm) const {
    return each([&](std::byte* from, int n, MPI_Count bytes, MPI_Count at) {
      if (bytes > INT_MAX) return MPI_ERR_TYPE;  // one element that MPI cannot pack
      int position = 0;
      return PMPI_Pack(from, n, type_, to + at, static_cast<int>(bytes), &position, comm);
    });
  }
  int unpack(std::byte* from, MPI_Comm comm) const {
    return each([&](std::byte* to, int n, MPI_Count bytes, MPI_Count at) {
      if (bytes > INT_MAX) return MPI_ERR_TYPE;
      int position = 0;
      return PMPI_Unpack(from + at, static_cast<int>(bytes), &position, to, n, type_, comm);
    });
  }

 private:
  static constexpr int kMostBytes = 1 << 28;
  std::byte* buffer_;
  int count_;
  MPI_Datatype type_;
  MPI_Count size_ = 0;
  MPI_Aint extent_ = 0;
  int together_ = 1;
};

int raise(MPI_Comm comm, int code) {
  if (code != MPI_SUCCESS) PMPI_Comm_call_errhandler(comm, code);
  return code;
}

int bcast_as_bytes(const Plan& plan, std::byte* bytes, int64_t count, int root, MPI_Comm comm) {
  Call call;
  call.kind = Kind::Bcast;
  call.send = call.recv = bytes;
  call.count = count;
  call.root = root;
  return carry_out(plan, call, comm);
}

int bcast(void* buffer, int count, MPI_Datatype type, int root, MPI_Comm comm) {
  const int64_t bytes = message_bytes(count, type, comm);
  std::optional<Plan> plan;
  if (bytes >= tune::kFloor && root >= 0) plan = api::plan(Kind::Bcast, bytes, root, comm);
  if (!plan) return PMPI_Bcast(buffer, count, type, root, comm);
  if (is_plain(type))
    return bcast_as_bytes(*plan, static_cast<std::byte*>(buffer), bytes, root, comm);
  Communicator& state = *plan->state;
  if (state.packed.size() < static_cast<size_t>(bytes))
    state.packed.resize(static_cast<size_t>(bytes));
  const Pieces pieces(buffer, count, type);
  int packed = MPI_SUCCESS;
  if (state.rank == root) packed = pieces.pack(state.packed.data(), state.comm);
  const int code = bcast_as_bytes(*plan, state.packed.data(), bytes, root, comm);
  if (packed != MPI_SUCCESS) return raise(comm, packed);
  if (code != MPI_SUCCESS || state.rank == root) return code;
  return raise(comm, pieces.unpack(state.packed.data(), state.comm));
}

// The call of a reduction that is to be carried out here.
Call reduction(Kind kind, const void* send, void* recv, int count, MPI_Datatype type, MPI_Op op,
               int root) {
  int size = 1;
  PMPI_Type_size(type, &size);
  Call call;
  call.kind = kind;
  call.recv = static_cast<std::byte*>(recv);
  call.send = send == MPI_IN_PLACE ? call.recv : static_cast<const std::byte*>(send);
  call.count = count;
  call.extent = size;
  call.type = type;
  call.op = op;
  call.root = root;
  return call;
}

int reduce(const void* send, void* recv, int count, MPI_Datatype type, MPI_Op op, int root,
           MPI_Comm comm) {
  const int64_t bytes = message_bytes(count, type, comm);
  std::optional<Plan> plan;
  if (bytes >= tune::kFloor && root >= 0 && reduces(op, type))
    plan = api::plan(Kind::Reduce, bytes, root, comm);
  if (!plan) return PMPI_Reduce(send, recv, count, type, op, root, comm);
  const bool here = plan->state->rank == root;
  // MPI_IN_PLACE is for the root's sendbuf alone.
  if (here ? recv == MPI_IN_PLACE : send == MPI_IN_PLACE) return raise(comm, MPI_ERR_BUFFER);
  return carry_out(
      *plan, reduction(Kind::Reduce, send, here ? recv : nullptr, count, type, op, root), comm);
}

int allreduce(const void* send, void* recv, int count, MPI_Datatype type, MPI_Op op,
              MPI_Comm comm) {
  const int64_t bytes = message_bytes(count, type, comm);
  std::optional<Plan> plan;
  if (bytes >= tune::kFloor && reduces(op, type))
    plan = api::plan(Kind::Allreduce, bytes, -1, comm);
  if (!plan) return PMPI_Allreduce(send, recv, count, type, op, comm);
  if (recv == MPI_IN_PLACE) return raise(comm, MPI_ERR_BUFFER);
  return carry_out(*plan, reduction(Kind::Allreduce, send, recv, count, type, op, 0), comm);
}

// No exception leaves the library; what can be thrown is that there is no memory.
template <typename F>
int guarded(MPI_Comm comm, F&& f) noexcept {
  try {
    return f();
  } catch (...) {
    return raise(comm, MPI_ERR_NO_MEM);
  }
}

}  // namespace
}  // namespace lpcoll::api

extern "C" {

int LP_Bcast(void* buffer, int count, MPI_Datatype datatype, int root, MPI_Comm comm) {
  return lpcoll::api::guarded(
      comm, [&] { return lpcoll::api::bcast(buffer, count, datatype, root, comm); });
}

int LP_Reduce(const void* sendbuf, void* recvbuf, int count, MPI_Datatype datatype, MPI_Op op,
              int root, MPI_Comm comm) {
  return lpcoll::api::guarded(
      comm, [&] { return lpcoll::api::reduce(sendbuf, recvbuf, count, datatype, op, root, comm); });
}

int LP_Allreduce(const void* sendbuf, void* recvbuf, int count, MPI_Datatype datatype, MPI_Op op,
                 MPI_Comm comm) {
  return lpcoll::api::guarded(
      comm, [&] { return lpcoll::api::allreduce(sendbuf, recvbuf, count, datatype, op, comm); });
}

}  // extern "C"
