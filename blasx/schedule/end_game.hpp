// SPDX-License-Identifier: Apache-2.0
// The last tasks of a call on unequal devices: who should begin one of which size so that all is done soonest. Pure.
// Source: list scheduling, the longest task first (Graham, SIAM J. Appl. Math. 1969), to whoever ends it first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace blasx::schedule {

// A device that takes tasks.
struct Worker {
  double free_ns = 0;           // until it has done what it has begun
  std::vector<double> task_ns;  // what a task adds to that, by size, the largest first
};

struct ListSchedule {
  double end_ns = 0;           // of all tasks
  std::vector<int32_t> given;  // tasks, by worker
};

// `left`: tasks of each size that nobody has begun.
ListSchedule list_schedule(std::vector<Worker> workers, std::span<const int32_t> left);

// Of which size a task should be that worker `who` begins now: `wanted`, unless all would end sooner with another. None if it
// should leave all to others.
std::optional<int32_t> size_to_begin(const std::vector<Worker>& workers, size_t who,
                                     std::vector<int32_t> left, int32_t wanted);

}  // namespace blasx::schedule
