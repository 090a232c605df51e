// SPDX-License-Identifier: Apache-2.0
#include "clients/nn/device/device.hpp"

namespace nn {

void Device::descend(const Descent& by, float* values, float* velocity, float* gradients,
                     int64_t elems) {
  if (by.decay != 0) combine(1, gradients, by.decay, values, elems);
  combine(by.momentum, velocity, 1, gradients, elems);
  if (by.nesterov) combine(1, gradients, by.momentum, velocity, elems);
  combine(1, values, -by.rate, by.nesterov ? gradients : velocity, elems);
}

}  // namespace nn
