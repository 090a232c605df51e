// SPDX-License-Identifier: Apache-2.0
// Non-blocking and persistent collectives, with requests of their own: one of MPI's cannot be progressed from outside.
#include <atomic>
#include <memory>
#include <utility>

#include "lpcoll/api/guard.hpp"
#include "lpcoll/api/passing_on.hpp"
#include "lpcoll/api/progress.hpp"
#include "lpcoll/api/start.hpp"
#include "lpcoll/api/types.hpp"
#include "lpcoll/api/weak_names.hpp"

struct LP_Request_ {
  explicit LP_Request_(const lpcoll::api::Arguments& call) : arguments(call) {}
  LP_Request_(const LP_Request_&) = delete;
  LP_Request_& operator=(const LP_Request_&) = delete;
  ~LP_Request_() {
    if (own_type != MPI_DATATYPE_NULL) PMPI_Type_free(&own_type);
  }
  bool active() const { return flight != nullptr || passed_on.is_under_way(); }

  lpcoll::api::Arguments arguments;
  bool persistent = false;
  MPI_Datatype own_type = MPI_DATATYPE_NULL;       // the program may free its own
  std::shared_ptr<lpcoll::api::Flight> flight;     // under way here,
  lpcoll::api::PassedOn passed_on;                 // or in the MPI underneath; or inactive
  std::shared_ptr<lpcoll::api::Flight> roll_call;  // with passed_on, where calls are watched
};

namespace lpcoll::api {
namespace {

// Tells requests that overlap in a timeline from each other.
int64_t next_id() {
  static constinit std::atomic<int64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

int begin_again(LP_Request_& request) {
  Started started = start(request.arguments);
  if (started.code != MPI_SUCCESS) return raise(request.arguments.comm, started.code);
  request.roll_call.reset();
  if (started.roll_call != nullptr) {
    request.roll_call = std::make_shared<Flight>(*started.state, std::move(started.roll_call));
    progress().add(request.roll_call);
  }
  if (started.operation == nullptr) return request.passed_on.start(request.arguments);
  request.flight = std::make_shared<Flight>(*started.state, std::move(started.operation));
  request.flight->event = started.event;
  request.flight->event.id = next_id();
  progress().add(request.flight);
  return MPI_SUCCESS;
}

int start_new(const Arguments& call, LP_Request* request) {
  return guarded(call.comm, [&] {
    if (request == nullptr) return raise(call.comm, MPI_ERR_ARG);
    *request = LP_REQUEST_NULL;
    auto made = std::make_unique<LP_Request_>(call);
    const int code = begin_again(*made);
    if (code == MPI_SUCCESS) *request = made.release();
    return code;
  });
}

int make_persistent(const Arguments& call, LP_Request* request) {
  return guarded(call.comm, [&] {
    if (request == nullptr) return raise(call.comm, MPI_ERR_ARG);
    *request = LP_REQUEST_NULL;
    auto made = std::make_unique<LP_Request_>(call);
    made->persistent = true;
    if (call.type != MPI_DATATYPE_NULL && !is_named(call.type)) {
      const int code = PMPI_Type_dup(call.type, &made->own_type);
      if (code != MPI_SUCCESS) return raise(call.comm, code);
      made->arguments.type = made->own_type;
    }
    *request = made.release();
    return int{MPI_SUCCESS};
  });
}

void set_empty(MPI_Status* status, int code) {
  if (status == MPI_STATUS_IGNORE) return;
  status->MPI_SOURCE = MPI_ANY_SOURCE;
  status->MPI_TAG = MPI_ANY_TAG;
  status->MPI_ERROR = code;
  PMPI_Status_set_cancelled(status, 0);
  PMPI_Status_set_elements(status, MPI_BYTE, 0);
}

// Whether the request's operation is complete; then `code` is what came of it.
bool is_complete(LP_Request_& request, int* code) {
  *code = MPI_SUCCESS;
  if (request.flight != nullptr) {
    if (!request.flight->done()) return false;
    *code = request.flight->code();
  } else if (request.roll_call != nullptr && request.roll_call->done() &&
             request.roll_call->code() != MPI_SUCCESS) {
    *code = request.roll_call->code();  // no other rank is in what was passed on
  } else if (request.passed_on.is_under_way()) {
    return request.passed_on.is_over(code);
  }
  return true;
}

// The request is inactive after this; one that is not persistent is gone.
void retire(LP_Request* request) {
  (*request)->flight.reset();
  (*request)->passed_on.abandon();
  if ((*request)->persistent) return;
  delete *request;
  *request = LP_REQUEST_NULL;
}

// Tells the error handler of the communicator, or where that was freed, of MPI_COMM_WORLD.
int raise_of(const LP_Request_& request, int code) {
  const Flight* flight = request.flight != nullptr ? request.flight.get() : request.roll_call.get();
  // MPI has told its own.
  if (code == MPI_SUCCESS || flight == nullptr || flight->code() != code) return code;
  const MPI_Comm comm = flight->comm();
  return raise(comm == MPI_COMM_NULL ? MPI_COMM_WORLD : comm, code);
}

// Of a request that is complete.
int close(LP_Request* request, int code, MPI_Status* status) {
  if (*request != LP_REQUEST_NULL) {
    code = raise_of(**request, code);
    retire(request);
  }
  set_empty(status, code);
  return code;
}

int wait(LP_Request* request, MPI_Status* status) {
  int code = MPI_SUCCESS;
  Patience patience;
  while (*request != LP_REQUEST_NULL && !is_complete(**request, &code)) {
    if (progress().poll()) patience.moved();
    patience.wait();
  }
  return close(request, code, status);
}

}  // namespace
}  // namespace lpcoll::api

using lpcoll::Kind;
using lpcoll::api::guarded;

extern "C" {

int PLP_Ibcast(void* buffer, int count, MPI_Datatype datatype, int root, MPI_Comm comm,
               LP_Request* request) {
  return lpcoll::api::start_new(
      {Kind::Bcast, nullptr, buffer, count, datatype, MPI_OP_NULL, root, comm}, request);
}

int PLP_Ireduce(const void* sendbuf, void* recvbuf, int count, MPI_Datatype datatype, MPI_Op op,
                int root, MPI_Comm comm, LP_Request* request) {
  return lpcoll::api::start_new({Kind::Reduce, sendbuf, recvbuf, count, datatype, op, root, comm},
                                request);
}

int PLP_Iallreduce(const void* sendbuf, void* recvbuf, int count, MPI_Datatype datatype, MPI_Op op,
                   MPI_Comm comm, LP_Request* request) {
  return lpcoll::api::start_new({Kind::Allreduce, sendbuf, recvbuf, count, datatype, op, 0, comm},
                                request);
}

int PLP_Bcast_init(void* buffer, int count, MPI_Datatype datatype, int root, MPI_Comm comm,
                   MPI_Info, LP_Request* request) {
  return lpcoll::api::make_persistent(
      {Kind::Bcast, nullptr, buffer, count, datatype, MPI_OP_NULL, root, comm}, request);
}

int PLP_Reduce_init(const void* sendbuf, void* recvbuf, int count, MPI_Datatype datatype, MPI_Op op,
                    int root, MPI_Comm comm, MPI_Info, LP_Request* request) {
  return lpcoll::api::make_persistent(
      {Kind::Reduce, sendbuf, recvbuf, count, datatype, op, root, comm}, request);
}

int PLP_Allreduce_init(const void* sendbuf, void* recvbuf, int count, MPI_Datatype datatype,
                       MPI_Op op, MPI_Comm comm, MPI_Info, LP_Request* request) {
  return lpcoll::api::make_persistent(
      {Kind::Allreduce, sendbuf, recvbuf, count, datatype, op, 0, comm}, request);
}

int PLP_Start(LP_Request* request) {
  if (request == nullptr || *request == LP_REQUEST_NULL || !(*request)->persistent ||
      (*request)->active())
    return lpcoll::api::raise(MPI_COMM_WORLD, MPI_ERR_REQUEST);
  return guarded((*request)->arguments.comm, [&] { return lpcoll::api::begin_again(**request); });
}

int PLP_Startall(int count, LP_Request* requests) {
  for (int i = 0; i < count; ++i) {
    const int code = PLP_Start(&requests[i]);
    if (code != MPI_SUCCESS) return code;
  }
  return MPI_SUCCESS;
}

int PLP_Wait(LP_Request* request, MPI_Status* status) {
  if (request == nullptr) return lpcoll::api::raise(MPI_COMM_WORLD, MPI_ERR_REQUEST);
  return guarded(MPI_COMM_WORLD, [&] { return lpcoll::api::wait(request, status); });
}

int PLP_Test(LP_Request* request, int* flag, MPI_Status* status) {
  if (request == nullptr || flag == nullptr)
    return lpcoll::api::raise(MPI_COMM_WORLD, request == nullptr ? MPI_ERR_REQUEST : MPI_ERR_ARG);
  return guarded(MPI_COMM_WORLD, [&] {
    lpcoll::api::progress().poll();
    int code = MPI_SUCCESS;
    *flag = *request == LP_REQUEST_NULL || lpcoll::api::is_complete(**request, &code) ? 1 : 0;
    if (*flag == 0) return int{MPI_SUCCESS};
    return lpcoll::api::close(request, code, status);
  });
}

int PLP_Waitall(int count, LP_Request* requests, MPI_Status* statuses) {
  int all = MPI_SUCCESS;
  for (int i = 0; i < count; ++i) {
    MPI_Status* status = statuses == MPI_STATUSES_IGNORE ? MPI_STATUS_IGNORE : &statuses[i];
    if (PLP_Wait(&requests[i], status) != MPI_SUCCESS) all = MPI_ERR_IN_STATUS;
  }
  return all;
}

int PLP_Request_free(LP_Request* request) {
  if (request == nullptr || *request == LP_REQUEST_NULL || (*request)->active())
    return lpcoll::api::raise(MPI_COMM_WORLD, MPI_ERR_REQUEST);
  delete *request;
  *request = LP_REQUEST_NULL;
  return MPI_SUCCESS;
}

LPCOLL_WEAK_NAME(LP_Ibcast);
LPCOLL_WEAK_NAME(LP_Ireduce);
LPCOLL_WEAK_NAME(LP_Iallreduce);
LPCOLL_WEAK_NAME(LP_Bcast_init);
LPCOLL_WEAK_NAME(LP_Reduce_init);
LPCOLL_WEAK_NAME(LP_Allreduce_init);
LPCOLL_WEAK_NAME(LP_Start);
LPCOLL_WEAK_NAME(LP_Startall);
LPCOLL_WEAK_NAME(LP_Wait);
LPCOLL_WEAK_NAME(LP_Test);
LPCOLL_WEAK_NAME(LP_Waitall);
LPCOLL_WEAK_NAME(LP_Request_free);

}  // extern "C"
