// SPDX-License-Identifier: Apache-2.0
// The blocking collectives.
#include <memory>
#include <utility>

#include "common/log.hpp"
#include "lpcoll/api/guard.hpp"
#include "lpcoll/api/progress.hpp"
#include "lpcoll/api/start.hpp"
#include "lpcoll/lpcoll.h"

namespace lpcoll::api {
namespace {

int finish(Operation& operation) {
  Patience patience;
  for (;;) {
    const Result<Advance> advanced = operation.advance();
    if (!advanced) {
      blasx::log::error(advanced.error().to_string());
      return MPI_ERR_OTHER;
    }
    if (*advanced == Advance::Complete) return MPI_SUCCESS;
    if (*advanced == Advance::Moved) patience.moved();
    progress().poll();
    patience.wait();
  }
}

int complete(Communicator& state, std::unique_ptr<Operation> operation) {
  // Behind others on the same communicator it has to be one of them.
  if (state.under_way.load(std::memory_order_acquire) == 0) return finish(*operation);
  const auto flight = std::make_shared<Flight>(state, std::move(operation));
  progress().add(flight);
  wait_for(*flight);
  return flight->code();
}

int call(const Arguments& arguments) {
  return guarded(arguments.comm, [&] {
    Started started = start(arguments);
    if (started.code != MPI_SUCCESS) return raise(arguments.comm, started.code);
    if (started.operation != nullptr)
      return raise(arguments.comm, complete(*started.state, std::move(started.operation)));
    if (started.roll_call != nullptr) {
      const int code = complete(*started.state, std::move(started.roll_call));
      if (code != MPI_SUCCESS) return raise(arguments.comm, code);
    }
    return pass_on(arguments);
  });
}

}  // namespace
}  // namespace lpcoll::api

extern "C" {

int LP_Bcast(void* buffer, int count, MPI_Datatype datatype, int root, MPI_Comm comm) {
  return lpcoll::api::call(
      {lpcoll::Kind::Bcast, nullptr, buffer, count, datatype, MPI_OP_NULL, root, comm});
}

int LP_Reduce(const void* sendbuf, void* recvbuf, int count, MPI_Datatype datatype, MPI_Op op,
              int root, MPI_Comm comm) {
  return lpcoll::api::call(
      {lpcoll::Kind::Reduce, sendbuf, recvbuf, count, datatype, op, root, comm});
}

int LP_Allreduce(const void* sendbuf, void* recvbuf, int count, MPI_Datatype datatype, MPI_Op op,
                 MPI_Comm comm) {
  return lpcoll::api::call(
      {lpcoll::Kind::Allreduce, sendbuf, recvbuf, count, datatype, op, 0, comm});
}

}  // extern "C"
