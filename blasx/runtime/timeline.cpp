// SPDX-License-Identifier: Apache-2.0
#include "blasx/runtime/timeline.hpp"

#include <string>

#include "blasx/trace/timeline.hpp"

namespace blasx::runtime {
namespace {

// Rows of a device: its copy queues, then a row for each stream.
constexpr int32_t kRowIn = 0, kRowOut = 1, kRowFirstStream = 2;
constexpr int32_t kMostNamedStreams = 16;

}  // namespace

bool timeline_wanted() { return trace::timeline().enabled(); }

void name_timeline_row(int32_t row, const device::DeviceInfo& device) {
  const int32_t pid = row + 1;
  trace::timeline().name_process(pid, device.name);
  if (device.memory == schedule::Memory::Arena) {
    trace::timeline().name_thread(pid, kRowIn, "copies in");
    trace::timeline().name_thread(pid, kRowOut, "copies out");
  }
  for (int32_t s = 0; s < kMostNamedStreams; ++s) {
    trace::timeline().name_thread(pid, kRowFirstStream + s, "stream " + std::to_string(s));
  }
}

void note_operation(const tile::TaskGraph& graph, const Operation& operation) {
  trace::TimelineEvent event;
  event.pid = operation.row + 1;
  event.start_ns = operation.start_ns;
  event.end_ns = operation.end_ns;
  if (operation.kind == Operation::Kind::Compute) {
    event.name = "compute";
    event.category = "kernel";
    event.tid = kRowFirstStream + operation.stream;
    event.arguments[0] = {"task", tile::index(operation.task)};
  } else {
    const bool out = operation.kind == Operation::Kind::Store;
    event.name = out                                            ? "store"
                 : operation.kind == Operation::Kind::FetchPeer ? "fetch from peer"
                                                                : "fetch";
    event.category = "copy";
    event.tid = out ? kRowOut : kRowIn;
    event.arguments[0] = {"tile", tile::index(operation.tile)};
    event.arguments[1] = {"bytes", graph.bytes(operation.tile)};
  }
  trace::timeline().add(event);
}

}  // namespace blasx::runtime
