// SPDX-License-Identifier: Apache-2.0
// Measures a routine on the host BLAS and as tiles. No state.
#pragma once

#include <functional>
#include <optional>

#include "blasx/offload/predict.hpp"
#include "blasx/tile/call.hpp"

namespace blasx::offload {

// How a call is run for timing; false: it could not be.
using Runner = std::function<bool(const BlasCall&)>;
using Clock = std::function<double()>;  // seconds

inline constexpr int64_t kMeasuredSide = 1024;
inline constexpr int kMeasuredTimes = 5;

// Operations that one measurement costs, both ways together.
double measuring_operations(Routine r, Type t);

// The best of a few runs each, taken in turns: on a shared machine the fastest run is the one that nothing disturbed. Nothing where
// memory or a runner fails.
std::optional<Rates> measure(Routine r, Type t, const Runner& host, const Runner& tiles,
                             const Clock& clock);

}  // namespace blasx::offload
