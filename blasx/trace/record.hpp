// SPDX-License-Identifier: Apache-2.0
// The one door through which finished calls become statistics, EXPLAIN lines and timeline entries.
// The state behind it is owned by record.cpp; any thread may call everything here.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "blasx/config/config.hpp"
#include "blasx/config/messages.hpp"
#include "blasx/tile/call.hpp"

namespace blasx::trace {

// Where a call ran.
enum class Place : uint8_t {
  Host,      // the host BLAS, untouched
  CpuTiles,  // tiles, on the CPU device only
  Devices,   // tiles, with at least one device that has a memory of its own
};
inline constexpr int kPlaceCount = 3;
const char* place_name(Place place);  // "host", "cpu", "devices"

// What moved and what did not have to (the scheduler's count has the same names).
struct Traffic {
  int64_t home_to_device_bytes = 0;
  int64_t device_to_device_bytes = 0;
  int64_t device_to_home_bytes = 0;
  int64_t level1_hits = 0;
  int64_t level2_hits = 0;
  int64_t misses = 0;

  Traffic& operator+=(const Traffic& other);
};

// A way the call could have run, and how long the model said it takes.
struct Choice {
  std::string name;  // "host", "cpu", "cpu,host:2"
  double predicted_ns = 0;
};

struct LinkBytes {
  std::string from, to;  // "home", "host:0"
  int64_t bytes = 0;
};

// One finished call. Everything below `end_ns` may be left empty.
struct CallRecord {
  BlasCall call;
  Place place = Place::Host;
  int64_t start_ns = 0;  // now_ns() at entry and at return
  int64_t end_ns = 0;
  int64_t tile = 0;  // side in elements, 0 for host calls
  Traffic traffic;
  double lower_bound_bytes = 0;  // least that had to move, 0 when not known
  std::string chosen;            // name of one of `choices`
  std::vector<Choice> choices;
  std::vector<Reason> reasons;
  std::vector<LinkBytes> links;
};
void record_call(const CallRecord& record);

enum Active : uint32_t { kStats = 1, kTrace = 2, kExplain = 4 };
inline constinit std::atomic<uint32_t> g_active{0};
// Which of these are on: zero means that host calls need not be recorded (calls as tiles always
// are).
inline uint32_t active() { return g_active.load(std::memory_order_relaxed); }

// Turns statistics, timeline and EXPLAIN on or off as the settings say; at the first call and after
// every change.
void configure(const config::Config& config);
// Whether anyone has yet.
bool configured();

// Prints the table and writes the timeline as configured; once, at exit. Never waits for a lock
// that a thread stopped by exit() may hold for ever. Says that no call was seen where that is so.
void report_at_exit();
// Writes the timeline now (it goes on collecting). Ok when there is nothing to write.
Status flush();

// Steady clock, the time base of everything in this folder.
inline int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace blasx::trace
