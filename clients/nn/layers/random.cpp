// SPDX-License-Identifier: Apache-2.0
#include "clients/nn/layers/random.hpp"

#include <cmath>
#include <numbers>

namespace nn {

double normal(uint64_t stream, uint64_t number) {
  const double radius = 1 - unit(mix(stream + 2 * number));  // in (0, 1]
  const double angle = unit(mix(stream + 2 * number + 1));
  return std::sqrt(-2 * std::log(radius)) * std::cos(2 * std::numbers::pi * angle);
}

}  // namespace nn
