// SPDX-License-Identifier: Apache-2.0
// Tiles for devices of which some are much slower than others: the part of C that the slow ones have time for is cut finer, so
// that all can end together while the fast ones keep large kernels. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "blasx/tile/call.hpp"
#include "blasx/tile/graph.hpp"
#include "blasx/tile/rate_curve.hpp"

namespace blasx::tile {

// So many times as fast, and devices are unequal; less is what measuring equal ones makes.
inline constexpr double kUnequal = 1.5;

// One that fetches its tiles.
struct ArenaDevice {
  int64_t bytes = 0;
  int32_t streams = 1;
  double operations_per_second = 0;  // in large kernels; 0: not known
  double bytes_per_second = 0;       // from home; 0: not known
  RateCurve product = {};            // of its gemm
  RateCurve triangular = {};         // of the call's kernel on diagonal tiles of A or C
};

// True where all rates are known and the fastest is kUnequal times the slowest or more.
bool are_unequal(const std::vector<ArenaDevice>& devices);

// The edge with which the call is expected to take least time; nothing where not all devices' curves are known.
std::optional<int64_t> fastest_edge(const BlasCall& call, const std::vector<ArenaDevice>& devices);

// Tiles of that edge: the fast devices' part of C in equal parts about as wide, the slow ones' in finer ones.
TileShape shape_for_unequal(const BlasCall& call, const std::vector<ArenaDevice>& devices,
                            int64_t edge);

}  // namespace blasx::tile
