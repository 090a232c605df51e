// SPDX-License-Identifier: Apache-2.0
#include "lpcoll/transport/mpi/pipelined.hpp"

#include <algorithm>
#include <climits>
#include <string>
#include <utility>
#include <vector>

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
    int flag = 1;
    if (handle.request != MPI_REQUEST_NULL)
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
  using Executor = pipeline::Executor<Net, Combine>;
  Pipelined(std::vector<Executor> executors, bool rests)
      : executors_(std::move(executors)), rests_(rests) {}

  Result<Advance> advance() override {
    try {
      check(rested_);
      bool moved = false, complete = true;
      for (Executor& executor : executors_) {
        moved = executor.advance() || moved;
        complete = executor.complete() && complete;
      }
      if (complete) return Advance::Complete;
      return moved ? Advance::Moved : Advance::Waiting;
    } catch (const MpiFailure& failed) {
      char text[MPI_MAX_ERROR_STRING] = "";
      int length = 0;
      PMPI_Error_string(failed.code, text, &length);
      return failure(StatusCode::IoError, std::string(text, static_cast<size_t>(length)));
    }
  }

  void rest() override {
    if (!rests_) return;
    std::vector<MPI_Request> requests;
    for_each_awaited([&](Net::Handle& handle) { requests.push_back(handle.request); });
    int which = 0;
    rested_ =
        PMPI_Waitany(static_cast<int>(requests.size()), requests.data(), &which, MPI_STATUS_IGNORE);
    size_t i = 0;
    for_each_awaited([&](Net::Handle& handle) { handle.request = requests[i++]; });
  }

 private:
  template <typename F>
  void for_each_awaited(F&& f) {
    for (Executor& executor : executors_) executor.each_awaited(f);
  }

  std::vector<Executor> executors_;
  bool rests_;
  int rested_ = MPI_SUCCESS;  // what came of it
};

pipeline::Shape shape_of(const Call& call, const Route& route, int ranks, int tree) {
  constexpr pipeline::Collective kCollectives[] = {
      pipeline::Collective::Bcast, pipeline::Collective::Reduce, pipeline::Collective::Allreduce};
  pipeline::Shape shape;
  shape.collective = kCollectives[static_cast<int>(call.kind)];
  shape.ranks = ranks;
  shape.root = call.root;
  shape.count = call.count;
  shape.segment = std::clamp<int64_t>(route.segment_bytes / call.extent, 1, INT_MAX);
  shape.in_rank_order = route.in_rank_order && call.kind != Kind::Bcast;
  shape.tree = tree;
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
  std::vector<pipeline::Schedule> schedules;
  schedules.reserve(2);
  const bool trees = route.trees && !(route.in_rank_order && call.kind != Kind::Bcast);
  for (int i = 0; i < (trees ? 2 : 1); ++i)
    schedules.emplace_back(shape_of(call, route, ranks, trees ? i : -1), rank, route.circle);
  pipeline::Buffers buffers;
  buffers.own = call.send;
  buffers.result = call.recv;
  buffers.extent = call.extent;
  const bool slots = call.kind != Kind::Bcast && (trees || pipeline::needs_slots(buffers));
  size_t slot_bytes = 0;  // of all
  for (const pipeline::Schedule& schedule : schedules)
    slot_bytes += static_cast<size_t>(schedule.largest() * call.extent * pipeline::kSlots);
  if (slots && workspace.size() < slot_bytes) workspace.resize(slot_bytes);
  std::byte* slot = workspace.data();
  std::vector<Pipelined::Executor> executors;
  for (pipeline::Schedule& schedule : schedules) {
    buffers.slots = slots ? slot : nullptr;
    if (slots) slot += schedule.largest() * call.extent * pipeline::kSlots;
    const int tag = route.tag + static_cast<int>(executors.size());
    executors.emplace_back(std::move(schedule), buffers, Net{comm, call.type, tag, call.extent},
                           Combine{call.type, call.op, call.extent});
  }
  return std::make_unique<Pipelined>(std::move(executors), route.rests_in_mpi);
}

}  // namespace lpcoll
