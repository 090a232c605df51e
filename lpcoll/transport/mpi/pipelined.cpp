// SPDX-License-Identifier: Apache-2.0
#include "lpcoll/transport/mpi/pipelined.hpp"

#include <algorithm>
#include <climits>
#include <string>

#include "lpcoll/pipeline/executor.hpp"

namespace lpcoll {
namespace {

struct MpiFailure {
  int code;
};

void check(int code) {
  if (code != MPI_SUCCESS) throw MpiFailure{code};
}

struct Net {
  using Handle = MPI_Request;
  MPI_Comm comm;
  MPI_Datatype type;
  int tag;  // one is enough: messages of two ranks are taken in the order in which they are sent

  MPI_Request send(const std::byte* data, int64_t count, int to) const {
    MPI_Request request = MPI_REQUEST_NULL;
    check(PMPI_Isend(data, static_cast<int>(count), type, to, tag, comm, &request));
    return request;
  }
  MPI_Request receive(std::byte* data, int64_t count, int from) const {
    MPI_Request request = MPI_REQUEST_NULL;
    check(PMPI_Irecv(data, static_cast<int>(count), type, from, tag, comm, &request));
    return request;
  }
  bool done(MPI_Request& request) const {
    int flag = 0;
    check(PMPI_Test(&request, &flag, MPI_STATUS_IGNORE));
    return flag != 0;
  }
};

struct Combine {
  MPI_Datatype type;
  MPI_Op op;
  void operator()(const std::byte* own, std::byte* received, int64_t count) const {
    // Early headers lack the const: the first buffer is only read.
    check(PMPI_Reduce_local(const_cast<std::byte*>(own), received, static_cast<int>(count), type,
                            op));
  }
};

class Pipelined : public Operation {
 public:
  Pipelined(MPI_Comm comm, const Call& call, int tag, pipeline::Schedule schedule,
            const pipeline::Buffers& buffers)
      : executor_(std::move(schedule), buffers, Net{comm, call.type, tag},
                  Combine{call.type, call.op}) {}

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
