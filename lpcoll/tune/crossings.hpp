// SPDX-License-Identifier: Apache-2.0
// From which sizes on which way is best, by what was measured. Pure.
#pragma once

#include <cstdint>
#include <span>

namespace lpcoll::tune {

// Seconds of a message's collective on the ways there are; infinite where there is none.
struct Timed {
  int64_t bytes = 0;
  double slots = 0;   // two copies on a host; between hosts the only way
  double direct = 0;  // one copy
  double mpis = 0;
};

// Where two copies, or the MPI underneath, are always better.
inline constexpr int64_t kNever = INT64_MAX;

struct Crossings {
  int64_t taken = kNever;   // bytes from which ours is clearly faster than MPI's
  int64_t direct = kNever;  // bytes from which one copy is no slower than two
};

// `times` by growing size. Not the first size that wins: MPIs change their way with the size, so from there on none may lose.
Crossings crossings_of(std::span<const Timed> times);

// Of each way the better of two measurements, at the sizes that both have; both by growing size, from the same one.
void keep_best(std::span<Timed> times, std::span<const Timed> again);

}  // namespace lpcoll::tune
