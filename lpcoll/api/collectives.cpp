// SPDX-License-Identifier: Apache-2.0
// The blocking collectives.
#include <memory>
#include <span>
#include <utility>

#include "lpcoll/api/guard.hpp"
#include "lpcoll/api/known.hpp"
#include "lpcoll/api/passing_on.hpp"
#include "lpcoll/api/progress.hpp"
#include "lpcoll/api/start.hpp"
#include "lpcoll/api/weak_names.hpp"

namespace lpcoll::api {
namespace {

// Records the call when it is over.
class Ending {
 public:
  explicit Ending(const trace::Event& event) : event_(event) {}
  Ending(const Ending&) = delete;
  Ending& operator=(const Ending&) = delete;
  ~Ending() {
    if (event_.start_ns == 0) return;
    event_.end_ns = trace::now_ns();
    trace::add(event_);
  }

 private:
  trace::Event event_;
};

int complete(Communicator& state, std::unique_ptr<Operation> operation) {
  // Behind others on the same communicator it has to be one of them.
  if (state.under_way.load(std::memory_order_acquire) == 0) return carry_out(*operation);
  const auto flight = std::make_shared<Flight>(state, std::move(operation));
  progress().add(flight);
  wait_for(*flight);
  return flight->code();
}

// Carries out a call that is part of a trial.
template <typename CarryOut>
int timed(const Started& started, CarryOut&& carry_out) {
  Communicator& state = *started.state;
  tune::Trial& trial = *started.trial;
  progress().before_waiting(state);
  PMPI_Barrier(state.comm);
  const double start = PMPI_Wtime();
  const int code = carry_out();
  trial.record((PMPI_Wtime() - start) / static_cast<double>(started.bytes));
  if (trial.is_over()) {
    const std::span<double> times = trial.times();
    PMPI_Allreduce(MPI_IN_PLACE, times.data(), static_cast<int>(times.size()), MPI_DOUBLE, MPI_MAX,
                   state.comm);
    trial.settle();
  }
  return code;
}

int call(const Arguments& arguments) {
  return guarded(arguments.comm, [&] {
    Started started = start(arguments);
    const Ending ending(started.event);
    if (started.code != MPI_SUCCESS) return raise(arguments.comm, started.code);
    if (started.operation != nullptr) {
      const auto ours = [&] { return complete(*started.state, std::move(started.operation)); };
      return raise(arguments.comm, started.trial != nullptr ? timed(started, ours) : ours());
    }
    if (started.roll_call != nullptr) {
      const int code = complete(*started.state, std::move(started.roll_call));
      if (code != MPI_SUCCESS) return raise(arguments.comm, code);
    }
    Communicator* const state =
        progress().needs_calls() ? present_communicator(arguments.comm) : nullptr;
    if (state != nullptr) progress().before_waiting(*state);
    const auto mpis = [&] { return pass_on(arguments); };
    return started.trial != nullptr ? timed(started, mpis) : mpis();
  });
}

// Not parts of their callers, which would save registers for them.
[[gnu::noinline]] int bcast(void* buffer, int count, MPI_Datatype type, int root, MPI_Comm comm) {
  if (is_passed_on(Kind::Bcast, count, type, comm) && mpi_may_have(buffer))
    return PMPI_Bcast(buffer, count, type, root, comm);
  return call({Kind::Bcast, nullptr, buffer, count, type, MPI_OP_NULL, root, comm, true});
}
[[gnu::noinline]] int reduce(const void* send, void* recv, int count, MPI_Datatype type, MPI_Op op,
                             int root, MPI_Comm comm) {
  if (is_passed_on(Kind::Reduce, count, type, comm) && mpi_may_have(send) && mpi_may_have(recv))
    return PMPI_Reduce(send, recv, count, type, op, root, comm);
  return call({Kind::Reduce, send, recv, count, type, op, root, comm, true});
}
[[gnu::noinline]] int allreduce(const void* send, void* recv, int count, MPI_Datatype type,
                                MPI_Op op, MPI_Comm comm) {
  if (is_passed_on(Kind::Allreduce, count, type, comm) && mpi_may_have(send) && mpi_may_have(recv))
    return PMPI_Allreduce(send, recv, count, type, op, comm);
  return call({Kind::Allreduce, send, recv, count, type, op, 0, comm, true});
}

}  // namespace
}  // namespace lpcoll::api

using lpcoll::Kind;
using lpcoll::api::is_known_to_pass;

extern "C" {

[[gnu::section(".text.hot")]] int PLP_Bcast(void* buffer, int count, MPI_Datatype datatype,
                                            int root, MPI_Comm comm) {
  if (is_known_to_pass(Kind::Bcast, count, datatype, comm))
    return PMPI_Bcast(buffer, count, datatype, root, comm);
  return lpcoll::api::bcast(buffer, count, datatype, root, comm);
}

[[gnu::section(".text.hot")]] int PLP_Reduce(const void* sendbuf, void* recvbuf, int count,
                                             MPI_Datatype datatype, MPI_Op op, int root,
                                             MPI_Comm comm) {
  if (is_known_to_pass(Kind::Reduce, count, datatype, comm))
    return PMPI_Reduce(sendbuf, recvbuf, count, datatype, op, root, comm);
  return lpcoll::api::reduce(sendbuf, recvbuf, count, datatype, op, root, comm);
}

[[gnu::section(".text.hot")]] int PLP_Allreduce(const void* sendbuf, void* recvbuf, int count,
                                                MPI_Datatype datatype, MPI_Op op, MPI_Comm comm) {
  if (is_known_to_pass(Kind::Allreduce, count, datatype, comm))
    return PMPI_Allreduce(sendbuf, recvbuf, count, datatype, op, comm);
  return lpcoll::api::allreduce(sendbuf, recvbuf, count, datatype, op, comm);
}

LPCOLL_WEAK_NAME(LP_Bcast);
LPCOLL_WEAK_NAME(LP_Reduce);
LPCOLL_WEAK_NAME(LP_Allreduce);

}  // extern "C"
