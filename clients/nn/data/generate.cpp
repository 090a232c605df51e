// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "clients/nn/data/images.hpp"
#include "clients/nn/layers/random.hpp"

namespace nn::data {
namespace {

constexpr double kNoise = 0.5;  // either way

// Images like `form`, which has none: each pixel wave_of(label, phase)(y, x) and noise, the phase drawn for each image.
template <class WaveOf>
DataSet generated(const char* source, const Images& form, int64_t count, int64_t classes,
                  uint64_t seed, const WaveOf& wave_of) {
  const auto part = [&](int64_t images, uint64_t stream) {
    Images result = form;
    uint64_t number = 0;  // of the next random one
    for (int64_t i = 0; i < images; ++i) {
      const auto label = static_cast<int32_t>(i % classes);
      const double phase = 2 * std::numbers::pi * unit(mix(~stream + static_cast<uint64_t>(i)));
      const auto wave = wave_of(label, phase);
      result.labels.push_back(label);
      for (int64_t c = 0; c < form.channels; ++c)
        for (int64_t y = 0; y < form.height; ++y)
          for (int64_t x = 0; x < form.width; ++x)
            result.pixels.push_back(
                static_cast<float>(wave(static_cast<double>(y), static_cast<double>(x)) +
                                   kNoise * (2 * unit(mix(stream + number++)) - 1)));
    }
    return result;
  };
  DataSet set{.source = source, .classes = classes, .train = {}, .held_out = {}};
  set.train = part(count, mix(seed));
  set.held_out = part(std::max(count / 4, classes), mix(seed + 1));
  return set;
}

Images form_of(int64_t channels, int64_t height, int64_t width) {
  return {.channels = channels, .height = height, .width = width, .pixels = {}, .labels = {}};
}

}  // namespace

DataSet generate(int64_t count, int64_t channels, int64_t height, int64_t width, int64_t classes,
                 uint64_t seed) {
  constexpr double kWavelength = 7;  // pixels
  return generated("generated gratings", form_of(channels, height, width), count, classes, seed,
                   [&](int32_t label, double phase) {
                     const double angle = std::numbers::pi * label / static_cast<double>(classes);
                     return [=](double y, double x) {
                       const double along = x * std::cos(angle) + y * std::sin(angle);
                       return std::cos(2 * std::numbers::pi * along / kWavelength + phase);
                     };
                   });
}

DataSet generate_sequences(int64_t count, int64_t steps, int64_t features, int64_t classes,
                           uint64_t seed) {
  constexpr double kFastest = std::numbers::pi * 0.4;  // a step, either way
  return generated("generated turns", form_of(1, steps, features), count, classes, seed,
                   [&](int32_t label, double start) {
                     const double turn =
                         kFastest *
                         (2 * label / static_cast<double>(std::max<int64_t>(1, classes - 1)) - 1);
                     return [=](double step, double feature) {
                       return std::cos(start + step * turn - std::numbers::pi / 2 * feature);
                     };
                   });
}

}  // namespace nn::data
