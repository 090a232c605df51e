// SPDX-License-Identifier: Apache-2.0
#include <blasx/blasx.h>

#include "blasx/api/edge.hpp"
#include "blasx/api/routines.hpp"
#include "blasx/trace/counters.hpp"
#include "blasx/trace/record.hpp"
#include "blasx/trace/timeline.hpp"

namespace blasx::api {
namespace {

Status describe(const std::string& name, blasx_stats* out) {
  const trace::Counts counts = trace::counters().snapshot();
  const auto routine = find_routine(name);
  if (!routine && name != "total") return no_such_routine(name);
  const trace::RoutineCount count =
      routine ? counts.at[static_cast<int>(routine->routine)][static_cast<int>(routine->type)]
              : counts.total();
  blasx_stats full{};
  copy_text(full.routine, name);
  full.calls_on_host = count.calls[static_cast<int>(trace::Place::Host)];
  full.calls_as_cpu_tiles = count.calls[static_cast<int>(trace::Place::CpuTiles)];
  full.calls_on_devices = count.calls[static_cast<int>(trace::Place::Devices)];
  full.operations = count.operations;
  full.seconds = count.seconds;
  full.bytes_to_device = count.traffic.home_to_device_bytes;
  full.bytes_device_to_device = count.traffic.device_to_device_bytes;
  full.bytes_to_host = count.traffic.device_to_home_bytes;
  full.level1_hits = count.traffic.level1_hits;
  full.level2_hits = count.traffic.level2_hits;
  full.misses = count.traffic.misses;
  full.least_bytes = count.lower_bound_bytes;
  return hand_over(full, out);
}

}  // namespace
}  // namespace blasx::api

namespace api = blasx::api;
namespace trace = blasx::trace;
using blasx::Status;
using blasx::StatusCode;

extern "C" {

blasx_status blasx_stats_of(const char* routine, blasx_stats* out) {
  return api::guarded([&] {
    if (routine == nullptr) return Status(StatusCode::InvalidArgument, "routine is null");
    return api::describe(routine, out);
  });
}

void blasx_stats_reset(void) { trace::counters().reset(); }

blasx_status blasx_trace_start(const char* path) {
  if (path == nullptr || *path == '\0') {
    return api::report(Status(StatusCode::InvalidArgument, "path is null or empty"));
  }
  return blasx_set("TRACE", path);
}

blasx_status blasx_trace_stop(void) {
  const blasx_status written = blasx_flush();
  trace::timeline().clear();
  const blasx_status stopped = blasx_set("TRACE", "");
  return written != BLASX_OK ? written : stopped;
}

blasx_status blasx_explain(int32_t on) { return blasx_set("EXPLAIN", on != 0 ? "1" : "0"); }

blasx_status blasx_flush(void) {
  return api::guarded([] { return trace::flush(); });
}

}  // extern "C"
