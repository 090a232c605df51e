// SPDX-License-Identifier: Apache-2.0
// The answers a test machine gave, as text that can be pasted into a file or a test: "done 5", "done 5 in 900" (ns),
// "failed 6 lost 1", "failed 7", "lost 0", one a line. Pure.
#pragma once

#include <sstream>
#include <string>
#include <vector>

#include "blasx/schedule/protocol.hpp"

namespace blasx::schedule {

inline std::string event_text(const Event& event) {
  std::ostringstream out;
  if (const auto* d = std::get_if<OpDone>(&event)) {
    out << "done " << static_cast<int64_t>(d->op);
    if (d->duration_ns != 0) out << " in " << d->duration_ns;
  }
  if (const auto* f = std::get_if<OpFailed>(&event)) {
    out << "failed " << static_cast<int64_t>(f->op);
    if (f->lost != DeviceId::Home) out << " lost " << index(f->lost);
  }
  if (const auto* l = std::get_if<DeviceLost>(&event)) out << "lost " << index(l->device);
  return out.str();
}

inline std::string events_text(const std::vector<Event>& events) {
  std::string text;
  for (const Event& e : events) text += event_text(e) + "\n";
  return text;
}

// Skips other lines, so that a whole report can be pasted.
inline std::vector<Event> parse_events(const std::string& text) {
  std::vector<Event> events;
  std::istringstream lines(text);
  std::string line;
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    std::string what, also;
    int64_t number = 0;
    if (!(words >> what >> number)) continue;
    if (what == "done") {
      int64_t ns = 0;
      if (words >> also) words >> ns;
      events.emplace_back(OpDone{OpId{number}, ns});
    }
    if (what == "lost") events.emplace_back(DeviceLost{DeviceId{static_cast<int32_t>(number)}});
    if (what == "failed") {
      int32_t device = index(DeviceId::Home);
      if (words >> also) words >> device;
      events.emplace_back(OpFailed{OpId{number}, DeviceId{device}});
    }
  }
  return events;
}

}  // namespace blasx::schedule
