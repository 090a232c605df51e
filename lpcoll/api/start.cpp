// SPDX-License-Identifier: Apache-2.0
#include "lpcoll/api/start.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <optional>
#include <utility>

#include "lpcoll/api/borrowed.hpp"
#include "lpcoll/api/device_buffers.hpp"
#include "lpcoll/api/measure.hpp"
#include "lpcoll/api/pieces.hpp"
#include "lpcoll/api/statistics.hpp"
#include "lpcoll/api/types.hpp"
#include "lpcoll/transport/shm/shm.hpp"
#include "lpcoll/tune/choose.hpp"

namespace lpcoll::api {
namespace {

constexpr shm::Copies copies_of(tune::NodeWay way) {
  return way == tune::NodeWay::Direct     ? shm::Copies::One
         : way == tune::NodeWay::Streamed ? shm::Copies::TwoStreamed
                                          : shm::Copies::Two;
}

constexpr tune::Collective kind_of(Kind kind) { return static_cast<tune::Collective>(kind); }

// Bytes of the message, or -1 for what is not for us to judge.
int64_t message_bytes(const Arguments& call) {
  if (call.comm == MPI_COMM_NULL || call.type == MPI_DATATYPE_NULL || call.count <= 0) return -1;
  const int usual = size_of(call.type);
  if (usual >= 0) return int64_t{call.count} * usual;
  // A type may be larger than an int tells; ranks that describe the same bytes otherwise must not see another size.
  MPI_Count size = 0;
  if (PMPI_Type_size_x(call.type, &size) != MPI_SUCCESS || size < 0) return -1;
  return size > 0 && call.count > INT64_MAX / size ? -1 : int64_t{call.count} * size;
}

// The state of a communicator on which a call of this size may be taken.
Communicator* state_for(const Arguments& call, int64_t bytes) {
  if (bytes < tune::kFloor || (call.kind != Kind::Allreduce && call.root < 0)) return nullptr;
  if (Communicator* state = last_communicator(call.comm); state != nullptr)
    return call.root < state->size ? state : nullptr;
  int inter = 0;
  if (PMPI_Comm_test_inter(call.comm, &inter) != MPI_SUCCESS || inter != 0) return nullptr;
  int size = 1;
  if (PMPI_Comm_size(call.comm, &size) != MPI_SUCCESS || size < 2 || call.root >= size)
    return nullptr;
  return communicator_of(call.comm);
}

// A broadcast of the bytes between gaps: packed at the root before it begins, unpacked everywhere else after.
class Packed final : public Operation {
 public:
  Packed(Borrowed memory, std::unique_ptr<Operation> inner, MPI_Comm comm)
      : memory_(std::move(memory)), inner_(std::move(inner)), comm_(comm) {}
  Packed(const Packed&) = delete;
  Packed& operator=(const Packed&) = delete;
  ~Packed() override {
    if (type_ != MPI_DATATYPE_NULL) PMPI_Type_free(&type_);
  }
  void pack_from(void* buffer, int count, MPI_Datatype type) {
    code_ = Pieces(buffer, count, type).pack(memory_.get().data(), comm_);
  }
  // The program may free its type while the operation is under way.
  void unpack_into(void* buffer, int count, MPI_Datatype type) {
    code_ = PMPI_Type_dup(type, &type_);
    if (code_ == MPI_SUCCESS) pieces_.emplace(buffer, count, type_);
  }

  Result<Advance> advance() override {
    Result<Advance> advanced = inner_->advance();
    if (!advanced || *advanced != Advance::Complete) return advanced;
    if (pieces_) code_ = pieces_->unpack(memory_.get().data(), comm_);
    // Only now: other ranks wait for this one's part whatever became of its own elements.
    if (code_ != MPI_SUCCESS)
      return failure(StatusCode::InvalidArgument, "MPI's pack or unpack refused the type");
    return advanced;
  }
  void rest() override { inner_->rest(); }

 private:
  Borrowed memory_;
  std::unique_ptr<Operation> inner_;
  MPI_Comm comm_;
  int code_ = MPI_SUCCESS;
  MPI_Datatype type_ = MPI_DATATYPE_NULL;
  std::optional<Pieces> pieces_;
};

Started begin_bcast(Communicator& state, const tune::Choice& choice, const Arguments& call,
                    int64_t bytes) {
  Call as_bytes;
  as_bytes.count = bytes;
  as_bytes.root = call.root;
  if (is_plain(call.type)) {
    as_bytes.send = as_bytes.recv = static_cast<std::byte*>(call.recv);
    return {begin_anywhere(state, choice, as_bytes), &state, nullptr, MPI_SUCCESS};
  }
  // Packed it is on the host, but other ranks may describe the same elements by a plain type and ask where they are.
  HostImage image(state, call);
  void* elements = image.elements();
  Borrowed memory(state, bytes);
  as_bytes.send = as_bytes.recv = memory.get().data();
  auto packed = std::make_unique<Packed>(std::move(memory), begin_anywhere(state, choice, as_bytes),
                                         state.comm);
  if (state.rank == call.root)
    packed->pack_from(elements, call.count, call.type);
  else
    packed->unpack_into(elements, call.count, call.type);
  return {std::move(image).brought_back_by(std::move(packed)), &state, nullptr, MPI_SUCCESS};
}

Started begin_reduction(Communicator& state, const tune::Choice& choice, const Arguments& call) {
  const bool has_result = call.kind == Kind::Allreduce || state.rank == call.root;
  // MPI_IN_PLACE is for those with a result, and for the sendbuf alone.
  if (has_result ? call.recv == MPI_IN_PLACE : call.send == MPI_IN_PLACE)
    return {nullptr, &state, nullptr, MPI_ERR_BUFFER};
  int size = 1;
  PMPI_Type_size(call.type, &size);
  Call reduction;
  reduction.kind = call.kind;
  reduction.recv = has_result ? static_cast<std::byte*>(call.recv) : nullptr;
  reduction.send =
      call.send == MPI_IN_PLACE ? reduction.recv : static_cast<const std::byte*>(call.send);
  reduction.count = call.count;
  reduction.extent = size;
  reduction.type = call.type;
  reduction.op = call.op;
  reduction.root = call.root;
  return {begin_anywhere(state, choice, reduction), &state, nullptr, MPI_SUCCESS};
}

// The call as others are told of it.
Entry entry_of(const Arguments& call, int64_t bytes) {
  Entry entry;
  entry.kind = static_cast<int32_t>(call.kind);
  entry.bytes = std::max<int64_t>(bytes, 0);
  entry.root = call.root;
  // Handles of what the program made are numbered by each rank for itself.
  if (call.kind != Kind::Bcast && bytes > 0 && reduces(call.op, call.type)) {
    entry.type = PMPI_Type_c2f(call.type);
    entry.op = PMPI_Op_c2f(call.op);
  }
  return entry;
}

// What is known of ways on a host for such messages; sizes count by their power of two.
tune::Trial& trial_of(Communicator& state, const tune::Facts& facts, tune::NodeWay first) {
  const auto key =
      std::make_pair(facts.collective, std::bit_width(static_cast<uint64_t>(facts.bytes)));
  const auto found = state.trials.find(key);
  if (found != state.trials.end()) return found->second;
  return state.trials.emplace(key, tune::Trial(tune::ways_to_try(facts, state.settings), first))
      .first->second;
}

trace::Event event_of(const Arguments& call, int64_t bytes, bool ours) {
  constexpr const char* kOurs[] = {"broadcast", "reduce", "allreduce"};
  constexpr const char* kMpis[] = {"MPI's broadcast", "MPI's reduce", "MPI's allreduce"};
  trace::Event event;
  event.name = (ours ? kOurs : kMpis)[static_cast<int>(call.kind)];
  event.bytes = std::max<int64_t>(bytes, 0);
  event.peer = call.kind == Kind::Allreduce ? -1 : call.root;
  return event;
}

Started choose_and_begin(const Arguments& call, int64_t bytes) {
  const bool ours = call.kind == Kind::Bcast || reduces(call.op, call.type);
  Communicator* state = ours ? state_for(call, bytes) : nullptr;
  if (state == nullptr || (state->roll != nullptr && state->roll->broken())) return {};
  if (state->settings.stats != 0) want_statistics();
  tune::Facts facts{kind_of(call.kind),
                    bytes,
                    state->size,
                    state->hosts,
                    state->node != nullptr,
                    state->measured,
                    state->node != nullptr && state->node->reaches_all()};
  // Not with a watchdog: the ranks would wait for each other before anybody looks who has come.
  if (state->roll == nullptr && tune::wants_measuring(facts, state->settings)) {
    measure(*state, facts.collective);
    facts.measured = state->measured;
  }
  tune::Choice choice = tune::choose(facts, state->settings);
  const int64_t tried_from = tune::tried_from(facts, state->settings);
  tune::Trial* trial = nullptr;
  if (choice.transport == tune::Transport::Shm || (tried_from > 0 && bytes >= tried_from)) {
    const bool is_left_to_mpi = choice.transport == tune::Transport::None;
    tune::Trial& known = trial_of(*state, facts, is_left_to_mpi ? tune::NodeWay::Mpi : choice.way);
    choice.transport = tune::Transport::Shm;
    choice.way = known.best();
    // Who does not come is for the watchdog to tell.
    if (call.is_blocking && state->roll == nullptr) {
      const tune::Trial::Next next = known.next();
      choice.way = next.way;
      if (next.is_timed) trial = &known;
    }
    if (choice.way == tune::NodeWay::Mpi) choice.transport = tune::Transport::None;
  }
  count_call(kind_of(call.kind), choice.transport, bytes);
  Started started;
  if (choice.transport == tune::Transport::None) {
    const int64_t below =
        tried_from > 0 ? std::min(choice.crossover, tried_from) : choice.crossover;
    if (state->settings.stats == 0)
      state->passed_below[static_cast<size_t>(call.kind)].store(below, std::memory_order_relaxed);
    started.state = state;
  } else {
    started = call.kind == Kind::Bcast ? begin_bcast(*state, choice, call, bytes)
                                       : begin_reduction(*state, choice, call);
  }
  started.trial = trial;
  started.bytes = bytes;
  return started;
}

}  // namespace

std::unique_ptr<Operation> begin(Communicator& state, const tune::Choice& choice,
                                 const Call& call) {
  if (choice.transport == tune::Transport::Shm)
    return shm::start_on_node(*state.node, call, copies_of(choice.way));
  Route route;
  route.chains = choice.chains;
  route.trees = choice.trees;
  route.segment_bytes = choice.segment;
  route.in_rank_order = state.settings.reproducible != 0;
  route.circle = state.circle;
  route.rests_in_mpi = state.settings.wait == tune::WaitBy::Mpi;
  route.tag = state.next_tag();
  Borrowed memory(state, 0);
  auto operation = start_pipelined(state.comm, call, route, memory.get());
  return std::make_unique<WithMemory>(std::move(memory), std::move(operation));
}

Started start(const Arguments& call) {
  const int64_t bytes = message_bytes(call);
  const int64_t now = trace::enabled() ? trace::now_ns() : 0;
  Started started = choose_and_begin(call, bytes);
  if (now != 0) {
    started.event = event_of(call, bytes, started.operation != nullptr);
    started.event.start_ns = now;
  }
  if (started.code != MPI_SUCCESS) return started;
  if (Communicator* state = watched(call.comm); state != nullptr) {
    const bool passed_on = started.operation == nullptr;
    auto roll_call = state->roll->watch(entry_of(call, bytes), std::move(started.operation));
    started.state = state;
    (passed_on ? started.roll_call : started.operation) = std::move(roll_call);
  }
  return started;
}

int raise(MPI_Comm comm, int code) {
  if (code != MPI_SUCCESS) PMPI_Comm_call_errhandler(comm, code);
  return code;
}

}  // namespace lpcoll::api
