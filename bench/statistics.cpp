// SPDX-License-Identifier: Apache-2.0
#include "bench/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace blasx::bench {
namespace {

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

// Linear between the two nearest; `sorted` is not empty.
double quantile(const std::vector<double>& sorted, double q) {
  const double at = q * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(at);
  const size_t above = std::min(below + 1, sorted.size() - 1);
  return std::lerp(sorted[below], sorted[above], at - static_cast<double>(below));
}

}  // namespace

double median(std::vector<double> values) {
  if (values.empty()) return kNothing;
  std::sort(values.begin(), values.end());
  return quantile(values, 0.5);
}

double geometric_mean(std::span<const double> values) {
  if (values.empty()) return kNothing;
  double logs = 0;
  for (const double value : values) logs += std::log(value);
  return std::exp(logs / static_cast<double>(values.size()));
}

double spread(std::vector<double> values) {
  if (values.empty()) return kNothing;
  std::sort(values.begin(), values.end());
  return (quantile(values, 0.75) - quantile(values, 0.25)) / quantile(values, 0.5);
}

double median_error(std::vector<double> values) {
  constexpr double kDeviationOfMedian = 1.2533, kQuartilesApart = 1.349;  // of normal values
  const double middle = std::abs(median(values)), n = static_cast<double>(values.size());
  return kDeviationOfMedian * spread(std::move(values)) * middle / kQuartilesApart / std::sqrt(n);
}

Summary summarise(std::span<const Attempt> attempts) {
  Summary summary;
  std::vector<double> ratios, differences;
  for (const Attempt& attempt : attempts) {
    if (!attempt.probes_good) {
      ++summary.thrown;
      continue;
    }
    summary.ours_s.push_back(attempt.ours_s);
    summary.peer_s.push_back(attempt.peer_s);
    ratios.push_back(attempt.peer_s / attempt.ours_s);
    differences.push_back(attempt.ours_s - attempt.peer_s);
  }
  summary.ours_median_s = median(summary.ours_s);
  summary.peer_median_s = median(summary.peer_s);
  summary.ratio_error = median_error(ratios);
  summary.ratio = median(std::move(ratios));
  summary.difference_s = median(std::move(differences));
  return summary;
}

}  // namespace blasx::bench
