// SPDX-License-Identifier: Apache-2.0
#include "clients/isgd/study/statistics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace isgd {
namespace {

double place_of(const Moment& moment, Along along) {
  return along == Along::Gradients ? static_cast<double>(moment.gradients) : moment.seconds;
}

}  // namespace

const Moment& moment_at(const Curve& curve, Along along, double place) {
  const Moment* last = &curve.front();
  for (const Moment& moment : curve)
    if (place_of(moment, along) <= place) last = &moment;
  return *last;
}

std::optional<double> reached(const Curve& curve, Along along, double accuracy) {
  for (const Moment& moment : curve)
    if (moment.accuracy >= accuracy) return place_of(moment, along);
  return std::nullopt;
}

Spread spread(std::vector<double> values) {
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  const auto at = [&](double part) {
    const double rank = part * static_cast<double>(values.size() - 1);
    const auto below = static_cast<size_t>(std::floor(rank));
    const size_t above = std::min(below + 1, values.size() - 1);
    return values[below] + (rank - std::floor(rank)) * (values[above] - values[below]);
  };
  return {at(0.25), at(0.5), at(0.75)};
}

std::string text(const Spread& spread, int digits) {
  return fmt::format("{:.{}f} ({:.{}f} .. {:.{}f})", spread.median, digits, spread.low, digits,
                     spread.high, digits);
}

}  // namespace isgd
