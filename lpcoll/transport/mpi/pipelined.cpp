// SPDX-License-Identifier: Apache-2.0
#include "lpcoll/transport/mpi/pipelined.hpp"

#include <algorithm>
#include <climits>
#include <string>

#include "lpcoll/pipeline/executor.hpp"
#include "lpcoll/trace/trace.hpp"

namespace lpcoll {
namespace {

struct MpiFailure {
  int code;
};

void check(int code) {
  if (code != MPI_SUCCESS) throw MpiFailure{code};
}

struct Net {
  struct Handle {
    MPI_Request request = MPI_REQUEST_NULL;
    trace::Event event;
  };
  MPI_Comm comm;
  MPI_Datatype type;
  int tag;  // one is enough: messages of two ranks are taken in the order in which they are sent
  int64_t extent;
  int64_t sent = 0, received = 0;

  Handle send(const std::byte* data, int64_t count, int to) {
    Handle handle;
    if (trace::enabled())
      begin(handle, "send", trace::Lane::Send, sent++ % pipeline::kSends, count, to);
    check(PMPI_Isend(data, static_cast<int>(count), type, to, tag, comm, &handle.request));
    return handle;
  }
  Handle receive(std::byte* data, int64_t count, int from) {
    Handle handle;
    if (trace::enabled())
      begin(handle, "receive", trace::Lane::Receive, received++ % pipeline::kReceives, count, from);
    check(PMPI_Irecv(data, static_cast<int>(count), type, from, tag, comm, &handle.request));
    return handle;
  }
  bool done(Handle& handle) const {
    int flag = 0;
    check(PMPI_Test(&handle.request, &flag, MPI_STATUS_IGNORE));
    if (flag != 0 && handle.event.start_ns != 0) {
      handle.event.end_ns = trace::now_ns();
      trace::add(handle.event);
    }
    return flag != 0;
  }
  // An operation has no more under way than it has lanes, and they end in the order in which they began. Eight operations draw
  // beside each other.
  void begin(Handle& handle, const char* name, trace::Lane lane, int64_t which, int64_t count,
             int peer) const {
    const int64_t own = int64_t{tag % 8} * std::max(pipeline::kSends, pipeline::kReceives);
    const auto at = static_cast<int32_t>(static_cast<int64_t>(lane) + own + which);
    handle.event = {name, at, trace::now_ns(), 0, count * extent, peer, 0};
  }
};

struct Combine {
  MPI_Datatype type;
  MPI_Op op;
  int64_t extent;
  void operator()(const std::byte* own, std::byte* received, int64_t count) const {
    const trace::Span span("sum", count * extent);
    // Early headers lack the const: the first buffer is only read.
    check(PMPI_Reduce_local(const_cast<std::byte*>(own), received, static_cast<int>(count), type,
                            op));
  }
};

class Pipelined : public Operation {
 public:
  Pipelined(MPI_Comm comm, const Call& call, int tag, pipeline::Schedule schedule,
            const pipeline::Buffers& buffers)
      : executor_(std::move(schedule), buffers, Net{comm, call.type, tag, call.extent},
                  Combine{call.type, call.op, call.extent}) {}

  Result<Advance> advance() override {
    try {
      const bool moved = executor_.advance();
      if (executor_.complete()) return Advance::Complete;
      return moved ? Advance::Moved : Advance::Waiting;
    } catch (const MpiFailure& failed) {
      char text[MPI_MAX_ERROR_STRING] = "";
      int length = 0;
      PMPI_Error_string(failed.code, text, &length);
      return failure(StatusCode::IoError, std::string(text, static_cast<size_t>(length)));
    }
  }

 private:
  pipeline::Executor<Net, Combine> executor_;
};

pipeline::Shape shape_of(const Call& call, const Route& route, int ranks) {
  constexpr pipeline::Collective kCollectives[] = {
      pipeline::Collective::Bcast, pipeline::Collective::Reduce, pipeline::Collective::Allreduce};
  pipeline::Shape shape;
  shape.collective = kCollectives[static_cast<int>(call.kind)];
  shape.ranks = ranks;
  shape.root = call.root;
  shape.count = call.count;
  shape.segment = std::clamp<int64_t>(route.segment_bytes / call.extent, 1, INT_MAX);
  shape.in_rank_order = route.in_rank_order && call.kind != Kind::Bcast;
  shape.chains =
      call.kind == Kind::Allreduce && !shape.in_rank_order ? std::min(route.chains, ranks) : 1;
  return shape;
}

}  // namespace

std::unique_ptr<Operation> start_pipelined(MPI_Comm comm, const Call& call, const Route& route,
                                           Workspace& workspace) {
  int ranks = 1, rank = 0;
  PMPI_Comm_size(comm, &ranks);
  PMPI_Comm_rank(comm, &rank);
  pipeline::Schedule schedule(shape_of(call, route, ranks), rank, route.circle);
  pipeline::Buffers buffers;
  buffers.own = call.send;
  buffers.result = call.recv;
  buffers.extent = call.extent;
  if (call.kind != Kind::Bcast && pipeline::needs_slots(buffers)) {
    const auto bytes = static_cast<size_t>(schedule.largest() * call.extent * pipeline::kSlots);
    if (workspace.size() < bytes) workspace.resize(bytes);
    buffers.slots = workspace.data();
  }
  return std::make_unique<Pipelined>(comm, call, route.tag, std::move(schedule), buffers);
}

}  // namespace lpcoll
