// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "blasx/tools/sim/report.hpp"
#include "blasx/trace/timeline.hpp"

namespace blasx::tools::sim {
namespace {

using runtime::sim::Span;

// Rows of a device, as the runtime's own timelines have them.
constexpr int32_t kRowIn = 0, kRowOut = 1, kRowPeer = 2, kRowFirstStream = 3;

trace::TimelineEvent event_of(const Span& span) {
  trace::TimelineEvent event;
  event.pid = span.device + 1;
  event.start_ns = std::llround(span.start_s * 1e9);
  event.end_ns = std::llround(span.end_s * 1e9);
  if (span.kind == Span::Kind::Compute) {
    event.name = "compute";
    event.category = "kernel";
    event.tid = kRowFirstStream + span.stream;
    event.arguments[0] = {"task", tile::index(span.task)};
    return event;
  }
  const bool out = span.kind == Span::Kind::Store;
  const bool peer = span.kind == Span::Kind::FetchFromPeer;
  event.name = out ? "store" : peer ? "fetch from peer" : "fetch";
  event.category = "copy";
  event.tid = out ? kRowOut : peer ? kRowPeer : kRowIn;
  event.arguments[0] = {"tile", tile::index(span.tile)};
  event.arguments[1] = {"bytes", span.bytes};
  return event;
}

}  // namespace

std::string timeline_json(const Row& row) {
  trace::Timeline timeline;
  timeline.enable(true);
  for (size_t d = 0; d < row.outcome.devices.size(); ++d) {
    const auto pid = static_cast<int32_t>(d) + 1;
    timeline.name_process(pid, row.outcome.devices[d].name);
    timeline.name_thread(pid, kRowIn, "copies in");
    timeline.name_thread(pid, kRowOut, "copies out");
    timeline.name_thread(pid, kRowPeer, "copies from peers");
  }
  for (const Span& span : row.outcome.spans) timeline.add(event_of(span));
  return timeline.json();
}

}  // namespace blasx::tools::sim
