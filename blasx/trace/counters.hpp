// SPDX-License-Identifier: Apache-2.0
// Sums over finished calls by routine and type, and the table made of them. A Counters owns its
// sums and its lock.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "blasx/trace/record.hpp"
#include "common/mutex.hpp"

namespace blasx::trace {

// Everything counted for one routine in one type.
struct RoutineCount {
  int64_t calls[kPlaceCount] = {};  // indexed by Place
  double operations = 0;
  double seconds = 0;  // summed over calls, also of those that ran at the same time
  Traffic traffic;
  double lower_bound_bytes = 0;

  int64_t all_calls() const;
  RoutineCount& operator+=(const RoutineCount& other);
};

struct Counts {
  RoutineCount at[kRoutineCount][kTypeCount];

  RoutineCount total() const;
};

// Any thread may call everything.
class Counters {
 public:
  void add(const CallRecord& record);
  Counts snapshot() const;
  // The same, or nothing if the lock cannot be had at once: for exit.
  std::optional<Counts> try_snapshot() const;
  void reset();

 private:
  mutable Mutex mutex_;
  Counts counts_ BLASX_GUARDED_BY(mutex_);
};

// The process's own, never destroyed.
Counters& counters();
// Leaves the old one to whoever still uses it: a forked child cannot trust its parent's lock.
void renew_counters();

// Aligned columns, a line for each routine that was called and a total; columns nobody used are
// left out. `title` names the program. Ends in a newline.
std::string counts_table(const Counts& counts, const std::string& title);

}  // namespace blasx::trace
