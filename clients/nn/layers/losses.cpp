// SPDX-License-Identifier: Apache-2.0
#include "clients/nn/layers/losses.hpp"

#include <algorithm>
#include <cfloat>
#include <cmath>

namespace nn {

void add_losses(const float* probabilities, int64_t samples, int64_t classes,
                const Iteration& iteration) {
  if (iteration.labels == nullptr || iteration.loss_sum == nullptr) return;
  for (int64_t sample = 0; sample < samples; ++sample) {
    const int32_t label = iteration.labels[sample];
    if (label < 0) continue;
    const float* row = probabilities + sample * classes;
    // A probability of 0 is a large loss, not an infinite one; NaN stays NaN.
    *iteration.loss_sum -= std::log(std::max(static_cast<double>(row[label]), double{FLT_MIN}));
    if (std::max_element(row, row + classes) - row == label) ++*iteration.correct;
  }
}

void loss_gradient(const float* probabilities, int64_t samples, int64_t classes,
                   const Iteration& iteration, float* gradient) {
  const auto scale = static_cast<float>(iteration.gradient_scale);
  for (int64_t sample = 0; sample < samples; ++sample) {
    const int32_t label = iteration.labels[sample];
    const float* row = probabilities + sample * classes;
    float* target = gradient + sample * classes;
    for (int64_t c = 0; c < classes; ++c)
      target[c] = label < 0 ? 0 : scale * (row[c] - (c == label ? 1.0F : 0.0F));
  }
}

}  // namespace nn
