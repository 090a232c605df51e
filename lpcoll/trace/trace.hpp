// SPDX-License-Identifier: Apache-2.0
// What this rank did when, for LPCOLL_TRACE: events in memory, at the end added to one file for all ranks that Perfetto and
// chrome://tracing open. trace.cpp owns the events; any thread may add one. Names are string literals.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "common/status.hpp"

namespace lpcoll::trace {

// Where an event is drawn. Receives and sends that are under way at once lie beside each other.
enum class Lane : int32_t { Call = 0, Work = 1, Receive = 100, Send = 200 };

struct Event {
  const char* name = "";
  int32_t lane = 0;
  int64_t start_ns = 0;  // now_ns()
  int64_t end_ns = 0;
  int64_t bytes = 0;
  int32_t peer = -1;  // the other rank, or the root; -1: none
  // Not 0: may overlap others of its lane, from which this number tells it.
  int64_t id = 0;
};

namespace internal {
inline constinit std::atomic<bool> g_enabled{false};
}

// Ask before building an event.
inline bool enabled() { return internal::g_enabled.load(std::memory_order_relaxed); }
int64_t now_ns();  // since 1970: clocks of several hosts are near each other

// From now on events are kept, for `path`; `first` empties the file. The first path stays.
void begin(const std::string& path, int rank, bool first);
// Dropped when not enabled or too many.
void add(const Event& event);
// Adds what there is to the file, which is whole JSON before and after, and keeps no more.
blasx::Status end();

// Adds an event from its birth to its death, on the lane of the rank's own work.
class Span {
 public:
  Span(const char* name, int64_t bytes)
      : name_(name), bytes_(bytes), start_ns_(enabled() ? now_ns() : 0) {}
  Span(const Span&) = delete;
  Span& operator=(const Span&) = delete;
  ~Span() {
    if (start_ns_ != 0)
      add({name_, static_cast<int32_t>(Lane::Work), start_ns_, now_ns(), bytes_, -1, 0});
  }

 private:
  const char* name_;
  int64_t bytes_;
  int64_t start_ns_;
};

}  // namespace lpcoll::trace
