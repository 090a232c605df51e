// SPDX-License-Identifier: Apache-2.0
// Cross entropy of probabilities that are on the host, samples x classes. Pure.
#pragma once

#include <cstdint>

#include "clients/nn/layers/kernel.hpp"

namespace nn {

// Adds to the iteration's loss and hits; nothing where it has no labels or does not ask.
void add_losses(const float* probabilities, int64_t samples, int64_t classes,
                const Iteration& iteration);
// Of the loss by what softmax was given.
void loss_gradient(const float* probabilities, int64_t samples, int64_t classes,
                   const Iteration& iteration, float* gradient);

}  // namespace nn
