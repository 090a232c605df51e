// SPDX-License-Identifier: Apache-2.0
#include "blasx/schedule/end_game.hpp"

#include <algorithm>

namespace blasx::schedule {
namespace {

constexpr double kSooner = 1 - 1e-9;  // beyond rounding

}  // namespace

ListSchedule list_schedule(std::vector<Worker> workers, std::span<const int32_t> left) {
  ListSchedule plan;
  plan.given.assign(workers.size(), 0);
  for (size_t size = 0; size < left.size(); ++size) {
    for (int32_t i = 0; i < left[size]; ++i) {
      const auto end = [&](const Worker& w) { return w.free_ns + w.task_ns[size]; };
      const auto first =
          std::min_element(workers.begin(), workers.end(),
                           [&](const Worker& a, const Worker& b) { return end(a) < end(b); });
      first->free_ns = end(*first);
      ++plan.given[static_cast<size_t>(first - workers.begin())];
    }
  }
  for (const Worker& w : workers) plan.end_ns = std::max(plan.end_ns, w.free_ns);
  return plan;
}

std::optional<int32_t> size_to_begin(const std::vector<Worker>& workers, size_t who,
                                     std::vector<int32_t> left, int32_t wanted) {
  const ListSchedule plan = list_schedule(workers, left);
  const auto end_with = [&](int32_t size) {
    const auto s = static_cast<size_t>(size);
    std::vector<Worker> then = workers;
    then[who].free_ns += then[who].task_ns[s];
    --left[s];
    const double end = list_schedule(std::move(then), left).end_ns;
    ++left[s];
    return end;
  };
  int32_t best = wanted;
  double soonest = end_with(wanted);
  for (int32_t size = 0; size < static_cast<int32_t>(left.size()); ++size) {
    if (size == wanted || left[static_cast<size_t>(size)] == 0) continue;
    const double end = end_with(size);
    if (end >= kSooner * soonest) continue;
    best = size;
    soonest = end;
  }
  if (plan.given[who] == 0 && plan.end_ns < kSooner * soonest) return std::nullopt;
  return best;
}

}  // namespace blasx::schedule
