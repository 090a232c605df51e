// SPDX-License-Identifier: Apache-2.0
#include "blasx/runtime/sim/recorder.hpp"

#include <algorithm>

namespace blasx::runtime::sim {

Recorder::Recorder(const tile::TaskGraph& graph, std::vector<std::string> devices, bool keep_spans)
    : graph_(graph), keep_spans_(keep_spans), uses_(devices.size()) {
  for (size_t i = 0; i < devices.size(); ++i) uses_[i].name = std::move(devices[i]);
}

void Recorder::done(const Span& span, bool commits) {
  DeviceUse& use = uses_[static_cast<size_t>(span.device)];
  use.last_s = std::max(use.last_s, span.end_s);
  if (span.kind == Span::Kind::Compute) use.busy_s += span.end_s - span.start_s;
  if (commits) {
    ++use.tasks;
    use.operations += graph_.operations(span.task);
  }
  if (keep_spans_) spans_.push_back(span);
}

}  // namespace blasx::runtime::sim
