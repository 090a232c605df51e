// SPDX-License-Identifier: Apache-2.0
#include "blasx/trace/counters.hpp"

#include "blasx/trace/renewable.hpp"

namespace blasx::trace {

Traffic& Traffic::operator+=(const Traffic& other) {
  home_to_device_bytes += other.home_to_device_bytes;
  device_to_device_bytes += other.device_to_device_bytes;
  device_to_home_bytes += other.device_to_home_bytes;
  level1_hits += other.level1_hits;
  level2_hits += other.level2_hits;
  misses += other.misses;
  return *this;
}

int64_t RoutineCount::all_calls() const {
  int64_t sum = 0;
  for (const int64_t count : calls) sum += count;
  return sum;
}

RoutineCount& RoutineCount::operator+=(const RoutineCount& other) {
  for (int place = 0; place < kPlaceCount; ++place) calls[place] += other.calls[place];
  operations += other.operations;
  seconds += other.seconds;
  traffic += other.traffic;
  lower_bound_bytes += other.lower_bound_bytes;
  return *this;
}

RoutineCount Counts::total() const {
  RoutineCount sum;
  for (const auto& routine : at) {
    for (const RoutineCount& count : routine) sum += count;
  }
  return sum;
}

void Counters::add(const CallRecord& record) {
  RoutineCount one;
  one.calls[static_cast<int>(record.place)] = 1;
  one.operations = operation_count(record.call);
  one.seconds = static_cast<double>(record.end_ns - record.start_ns) * 1e-9;
  one.traffic = record.traffic;
  one.lower_bound_bytes = record.lower_bound_bytes;
  const MutexLock lock(mutex_);
  counts_.at[static_cast<int>(record.call.routine)][static_cast<int>(record.call.type)] += one;
}

Counts Counters::snapshot() const {
  const MutexLock lock(mutex_);
  return counts_;
}

std::optional<Counts> Counters::try_snapshot() const {
  if (!mutex_.try_lock()) return std::nullopt;
  const Counts copy = counts_;
  mutex_.unlock();
  return copy;
}

void Counters::reset() {
  const MutexLock lock(mutex_);
  counts_ = Counts{};
}

namespace {

Renewable<Counters>& instance() {
  static auto* const counters = new Renewable<Counters>;
  return *counters;
}

}  // namespace

Counters& counters() { return instance().get(); }
void renew_counters() { instance().renew(); }

}  // namespace blasx::trace
