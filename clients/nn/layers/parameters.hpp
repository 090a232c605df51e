// SPDX-License-Identifier: Apache-2.0
// Which parameters a layer has, and how they begin.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "clients/nn/graph/network.hpp"

namespace nn {

struct ParameterSpec {
  std::string name;  // "conv1.weight"
  int64_t elems = 0;
  double deviation = 0;  // begins normal with this standard deviation (He et al., ICCV 2015) ...
  double value = 0;      // ... around this
  bool decays = false;   // weight decay is for weights
  bool trained = true;   // false: statistics, which have no gradient
};

// rnn, lstm: weight_ih (gates x features), weight_hh (gates x hidden), bias_ih, bias_hh: PyTorch's, also the order of an lstm's
// gates: input, forget, cell, output, each of `hidden` rows.
// conv, fc: weight (out x in x kh x kw), bias. batch norm: scale, shift, mean, variance (running, trained = false).
std::vector<ParameterSpec> parameters_of(const graph::Network& network, int layer);

}  // namespace nn
