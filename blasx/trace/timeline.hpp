// SPDX-License-Identifier: Apache-2.0
// What ran when: events in memory, written as a Chrome trace that Perfetto opens. A Timeline owns
// its events and its lock; names and keys given as const char* are string literals and are not
// copied.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/mutex.hpp"
#include "common/status.hpp"

namespace blasx::trace {

struct Argument {
  const char* key = nullptr;  // null ends the list
  int64_t value = 0;
};

// Process 0 holds the caller's threads (its calls); device d is process d + 1, its streams and
// queues are threads.
struct TimelineEvent {
  const char* name = "";      // "dgemm", "fetch", "store"
  const char* category = "";  // "call", "copy", "kernel"
  int32_t pid = 0;
  int32_t tid = 0;
  int64_t start_ns = 0;  // now_ns()
  int64_t end_ns = 0;
  std::array<Argument, 4> arguments{};
};

// Any thread may call everything.
class Timeline {
 public:
  static constexpr size_t kMostEvents = size_t{1} << 20;  // 100 MB

  explicit Timeline(size_t most_events = kMostEvents) : most_events_(most_events) {}

  // Ask before building an event.
  bool enabled() const { return enabled_.load(std::memory_order_relaxed); }
  void enable(bool on) { enabled_.store(on, std::memory_order_relaxed); }

  // Dropped when not enabled, counted but dropped when full.
  void add(const TimelineEvent& event);
  void add(const std::vector<TimelineEvent>& events);
  void name_process(int32_t pid, std::string name);
  void name_thread(int32_t pid, int32_t tid, std::string name);
  void clear();
  size_t event_count() const;

  // Whole, valid JSON of what is there now.
  std::string json() const;
  // json() to a file, which is complete or untouched. Ok and no file when there is no event.
  Status write(const std::string& path) const;
  // As write, but gives up (Unavailable) instead of waiting for the lock: for exit.
  Status try_write(const std::string& path) const;

 private:
  std::string json_locked() const BLASX_REQUIRES(mutex_);

  const size_t most_events_;
  std::atomic<bool> enabled_{false};
  mutable Mutex mutex_;
  std::vector<TimelineEvent> events_ BLASX_GUARDED_BY(mutex_);
  std::map<int32_t, std::string> process_names_ BLASX_GUARDED_BY(mutex_);
  std::map<std::pair<int32_t, int32_t>, std::string> thread_names_ BLASX_GUARDED_BY(mutex_);
  size_t dropped_ BLASX_GUARDED_BY(mutex_) = 0;
};

// The process's own, never destroyed.
Timeline& timeline();
// As renew_counters(); the new one is enabled if the old one was.
void renew_timeline();
// A small number for the calling thread, to use as tid in process 0.
int32_t caller_tid();

}  // namespace blasx::trace
