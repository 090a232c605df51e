// SPDX-License-Identifier: Apache-2.0
#include "blasx/tile/rate_curve.hpp"

#include <algorithm>
#include <cmath>

#include "common/check.hpp"

namespace blasx::tile {

double rate_at(const RateCurve& curve, double edge) {
  BLASX_CHECK(!curve.empty());
  if (edge <= curve.front().edge) return curve.front().gflops * edge / curve.front().edge;
  if (edge >= curve.back().edge) return curve.back().gflops;
  const auto above = std::upper_bound(curve.begin(), curve.end(), edge,
                                      [](double e, const RatePoint& p) { return e < p.edge; });
  const RatePoint &a = *(above - 1), &b = *above;
  const double part = std::log(edge / a.edge) / std::log(b.edge / a.edge);
  return a.gflops + part * (b.gflops - a.gflops);
}

}  // namespace blasx::tile
