// SPDX-License-Identifier: Apache-2.0
// A recurrent layer's sizes and parameters, for whatever computes it. Rows are samples x steps, a sample's steps behind one another; a
// step of all samples is a matrix whose rows lie `steps` rows apart, so nothing is copied together.
#pragma once

#include <cstddef>
#include <cstdint>

#include "clients/nn/graph/network.hpp"
#include "clients/nn/layers/kernel.hpp"

namespace nn {

class RecurrenceSizes {
 public:
  RecurrenceSizes(const graph::Network& network, int layer);

  int64_t samples() const { return samples_; }
  int64_t steps() const { return steps_; }
  int64_t features() const { return features_; }
  int64_t hidden() const { return hidden_; }
  int64_t wide() const { return wide_; }  // gates x hidden
  int64_t rows() const { return samples_ * steps_; }

 private:
  int64_t samples_, steps_, features_, hidden_, wide_;
};

// In the order of parameters_of: W_ih (wide x features), W_hh (wide x hidden), b_ih, b_hh.
enum class Recurrent : size_t { FromInputs, FromBefore, InputBias, BeforeBias };

inline const float* parameter(const Buffers& buffers, Recurrent which) {
  return static_cast<const float*>(buffers.parameters[static_cast<size_t>(which)]);
}
inline float* gradient(const Buffers& buffers, Recurrent which) {
  return static_cast<float*>(buffers.parameter_gradients[static_cast<size_t>(which)]);
}

}  // namespace nn
