// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <numbers>

#include "clients/nn/data/images.hpp"
#include "clients/nn/layers/random.hpp"

namespace nn::data {

DataSet generate(int64_t count, int64_t channels, int64_t height, int64_t width, int64_t classes,
                 uint64_t seed) {
  constexpr double kNoise = 0.5;     // either way
  constexpr double kWavelength = 7;  // pixels
  const auto part = [&](int64_t images, uint64_t stream) {
    Images result{
        .channels = channels, .height = height, .width = width, .pixels = {}, .labels = {}};
    uint64_t number = 0;  // of the next random one
    for (int64_t i = 0; i < images; ++i) {
      const auto label = static_cast<int32_t>(i % classes);
      const double angle = std::numbers::pi * label / static_cast<double>(classes);
      const double phase = 2 * std::numbers::pi * unit(mix(~stream + static_cast<uint64_t>(i)));
      result.labels.push_back(label);
      for (int64_t c = 0; c < channels; ++c)
        for (int64_t y = 0; y < height; ++y)
          for (int64_t x = 0; x < width; ++x) {
            const double along =
                static_cast<double>(x) * std::cos(angle) + static_cast<double>(y) * std::sin(angle);
            const double wave = std::cos(2 * std::numbers::pi * along / kWavelength + phase);
            result.pixels.push_back(
                static_cast<float>(wave + kNoise * (2 * unit(mix(stream + number++)) - 1)));
          }
    }
    return result;
  };
  DataSet set{.source = "generated gratings", .classes = classes, .train = {}, .held_out = {}};
  set.train = part(count, mix(seed));
  set.held_out = part(std::max(count / 4, classes), mix(seed + 1));
  return set;
}

}  // namespace nn::data
