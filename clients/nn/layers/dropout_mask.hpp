// SPDX-License-Identifier: Apache-2.0
// Which elements a dropout layer keeps in an iteration.
#pragma once

#include "clients/nn/layers/kernel.hpp"
#include "clients/nn/layers/random.hpp"

namespace nn {

class DropoutMask {
 public:
  DropoutMask(const Iteration& iteration, int layer, int64_t sample_elems, double ratio)
      : start_(mix(iteration.seed ^ mix(static_cast<uint64_t>(layer))) +
               static_cast<uint64_t>(iteration.first_sample * sample_elems)),
        ratio_(ratio) {}
  bool keeps(int64_t elem) const {
    return unit(mix(start_ + static_cast<uint64_t>(elem))) >= ratio_;
  }

 private:
  uint64_t start_;
  double ratio_;
};

}  // namespace nn
