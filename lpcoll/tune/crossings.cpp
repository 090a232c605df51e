// SPDX-License-Identifier: Apache-2.0
#include "lpcoll/tune/crossings.hpp"

#include <algorithm>
#include <cmath>

namespace lpcoll::tune {
namespace {

// Programs lose nothing by a call that MPI carries out: ours has to win by more than a few measurements err.
constexpr double kClearly = 0.95;

// The least size from which on `wins` holds.
template <typename Wins>
int64_t from_where(std::span<const Timed> times, Wins&& wins) {
  int64_t from = kNever;
  for (size_t i = times.size(); i-- > 0 && wins(times[i]);) from = times[i].bytes;
  return from;
}

}  // namespace

Crossings crossings_of(std::span<const Timed> times) {
  Crossings found;
  found.direct = from_where(
      times, [](const Timed& t) { return std::isfinite(t.direct) && t.direct <= t.slots; });
  found.taken = from_where(times, [&](const Timed& t) {
    return (t.bytes >= found.direct ? t.direct : t.slots) <= kClearly * t.mpis;
  });
  return found;
}

void keep_best(std::span<Timed> times, std::span<const Timed> again) {
  for (size_t i = 0; i < std::min(times.size(), again.size()); ++i) {
    times[i].slots = std::min(times[i].slots, again[i].slots);
    times[i].direct = std::min(times[i].direct, again[i].direct);
    times[i].mpis = std::min(times[i].mpis, again[i].mpis);
  }
}

}  // namespace lpcoll::tune
