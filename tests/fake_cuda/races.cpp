// SPDX-License-Identifier: Apache-2.0
#include "tests/fake_cuda/races.hpp"

#include <algorithm>
#include <cstdio>

namespace blasx::fake_cuda {
namespace {

uintptr_t end_of(const Range& r) {
  return r.rows == 0 || r.width == 0 ? r.base : r.base + (r.rows - 1) * r.pitch + r.width;
}

std::string text_of(const Range& r) {
  char text[96];
  std::snprintf(text, sizeof text, "%#zx (%zu x %zu bytes, pitch %zu)", static_cast<size_t>(r.base),
                r.rows, r.width, r.pitch);
  return text;
}

}  // namespace

bool overlap(const Range& a, const Range& b) {
  if (a.width == 0 || b.width == 0 || a.rows == 0 || b.rows == 0) return false;
  if (end_of(a) <= b.base || end_of(b) <= a.base) return false;
  const Range& few = a.rows <= b.rows ? a : b;
  const Range& many = a.rows <= b.rows ? b : a;
  for (size_t i = 0; i < few.rows; ++i) {
    const uintptr_t first = few.base + i * few.pitch, end = first + few.width;
    if (end <= many.base) continue;
    if (many.rows == 1 || many.pitch == 0) {
      if (first < many.base + many.width) return true;
      continue;
    }
    // The last run of `many` that begins before `end`; earlier ones reach less far.
    const size_t last = std::min(many.rows - 1, (end - 1 - many.base) / many.pitch);
    if (many.base + last * many.pitch + many.width > first) return true;
  }
  return false;
}

void join(Clock& into, const Clock& other) {
  if (into.size() < other.size()) into.resize(other.size(), 0);
  for (size_t i = 0; i < other.size(); ++i) into[i] = std::max(into[i], other[i]);
}

std::string describe(const Conflict& c) {
  return c.second + (c.second_writes ? " writes " : " reads ") + text_of(c.second_range) +
         ", which " + c.first + (c.first_writes ? " writes at " : " reads at ") +
         text_of(c.first_range) + ", and nothing orders the two";
}

size_t Races::add_stream() {
  streams_.emplace_back();
  return streams_.size() - 1;
}

bool Races::knows(const Clock& clock, const Record& record) {
  return record.stream < clock.size() && clock[record.stream] >= record.number;
}

std::optional<Conflict> Races::find(const std::string& name, const Access& access,
                                    const Clock& clock) const {
  const uintptr_t end = end_of(access.range);
  for (auto i = unseen_.begin(); i != unseen_.end() && i->first < end; ++i) {
    const Record& record = i->second;
    if (!access.write && !record.access.write) continue;
    if (knows(clock, record) || !overlap(record.access.range, access.range)) continue;
    return Conflict{record.name,         name,        record.access.range, access.range,
                    record.access.write, access.write};
  }
  return std::nullopt;
}

Clock Races::submit(size_t stream, const std::string& name, std::span<const Access> accesses,
                    const Clock& known, std::optional<Conflict>& conflict) {
  Clock& clock = streams_[stream];
  join(clock, host_);
  join(clock, known);
  if (clock.size() <= stream) clock.resize(stream + 1, 0);
  for (const Access& access : accesses) {
    if (!conflict) conflict = find(name, access, clock);
  }
  const uint64_t number = ++clock[stream];
  for (const Access& access : accesses) {
    unseen_.emplace(access.range.base, Record{name, stream, number, access});
  }
  return clock;
}

void Races::host_saw(const Clock& clock) {
  join(host_, clock);
  std::erase_if(unseen_, [this](const auto& entry) { return knows(host_, entry.second); });
}

std::optional<Conflict> Races::host_touches(const std::string& name, const Access& access) const {
  return find(name, access, host_);
}

void Races::drop(size_t stream) {
  std::erase_if(unseen_, [stream](const auto& entry) { return entry.second.stream == stream; });
}

}  // namespace blasx::fake_cuda
