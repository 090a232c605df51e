// SPDX-License-Identifier: Apache-2.0
#include "lpcoll/tune/model.hpp"

#include <algorithm>
#include <cmath>

namespace lpcoll::tune {

double best_segment(double bytes, int ranks, double alpha, double beta) {
  return std::sqrt(bytes * alpha / (std::max(1, ranks - 2) * beta));
}

double chain_seconds(double bytes, int ranks, double segment, const Link& link, bool reduces,
                     int passes) {
  const double steps = passes * (ranks - 1) - 1 + std::max(1.0, bytes / segment);
  const double byte = passes * link.beta + (reduces ? link.gamma : 0);
  return steps * (link.alpha + std::min(bytes, segment) * byte);
}

double ring_seconds(double bytes, int ranks, double segment, const Link& link) {
  const double part = bytes / ranks, messages = std::max(1.0, part / segment);
  return (ranks - 1) * (2 * (messages * link.alpha + part * link.beta) + part * link.gamma);
}

}  // namespace lpcoll::tune
