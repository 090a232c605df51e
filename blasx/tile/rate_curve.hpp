// SPDX-License-Identifier: Apache-2.0
// How fast a device's kernels are by their size. Plain values.
#pragma once

#include <vector>

namespace blasx::tile {

// A kernel of this edge (the cube root of m n k) runs at this rate.
struct RatePoint {
  double edge = 0;
  double gflops = 0;
};
using RateCurve = std::vector<RatePoint>;  // by edge, rising; empty: not known

// GFLOP/s at an edge: straight lines over the edge's logarithm between the points; below the first in proportion to the edge,
// above the last as the last. The curve must not be empty.
double rate_at(const RateCurve& curve, double edge);

}  // namespace blasx::tile
