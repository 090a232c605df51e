// SPDX-License-Identifier: Apache-2.0
// What a layer costs in bytes and time, and what its backward step reads. A layer set measures it for real
// (clients/nn/layers); paper_costs gives the model that SuperNeurons' figures rest on, for plans without a device.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "clients/nn/graph/network.hpp"

namespace nn::graph {

struct Algorithm {
  std::string name;
  int64_t workspace_bytes = 0;
  int64_t time_ns = 0;
};

struct LayerCosts {
  int64_t output_bytes = 0;
  int64_t gradient_bytes = 0;
  int64_t saved_bytes = 0;
  bool reads_input = false;   // in backward
  bool reads_output = false;  // in backward
  std::vector<Algorithm> forward,
      backward;  // at least one each; the first is taken when nobody chooses
};

struct Costs {
  std::vector<LayerCosts> layers;
};

// As cuDNN's layers read: relu, lrn, max pooling and recurrent layers both input and output, conv, fc and batch norm their input, the
// loss its output. fp32. Times are those of a card with 4 Tflop/s and 250 GB/s, good for comparing only; a convolution may
// be computed in place, over im2col of one image or of all, and as Winograd F(2x2, 3x3).
Costs paper_costs(const Network& network, int64_t element_bytes = 4);

}  // namespace nn::graph
