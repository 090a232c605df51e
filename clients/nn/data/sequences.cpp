// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <numbers>

#include "clients/nn/data/images.hpp"
#include "clients/nn/layers/random.hpp"

namespace nn::data {

DataSet generate_sequences(int64_t count, int64_t steps, int64_t features, int64_t classes,
                           uint64_t seed) {
  constexpr double kNoise = 0.5;                       // either way
  constexpr double kFastest = std::numbers::pi * 0.4;  // a step, either way
  const auto part = [&](int64_t samples, uint64_t stream) {
    Images result{.channels = 1, .height = steps, .width = features, .pixels = {}, .labels = {}};
    uint64_t number = 0;  // of the next random one
    for (int64_t i = 0; i < samples; ++i) {
      const auto label = static_cast<int32_t>(i % classes);
      const double turn =
          kFastest * (2 * label / static_cast<double>(std::max<int64_t>(1, classes - 1)) - 1);
      const double start = 2 * std::numbers::pi * unit(mix(~stream + static_cast<uint64_t>(i)));
      result.labels.push_back(label);
      for (int64_t step = 0; step < steps; ++step)
        for (int64_t j = 0; j < features; ++j) {
          const double angle = start + static_cast<double>(step) * turn -
                               std::numbers::pi / 2 * static_cast<double>(j);
          result.pixels.push_back(static_cast<float>(
              std::cos(angle) + kNoise * (2 * unit(mix(stream + number++)) - 1)));
        }
    }
    return result;
  };
  DataSet set{.source = "generated turns", .classes = classes, .train = {}, .held_out = {}};
  set.train = part(count, mix(seed));
  set.held_out = part(std::max(count / 4, classes), mix(seed + 1));
  return set;
}

}  // namespace nn::data
