// SPDX-License-Identifier: Apache-2.0
// The processor's layer set.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include "clients/nn/layers/kernel.hpp"

namespace nn::cpu {

// How the ranks of a run, each with its share of the batch, sum numbers: in place, called by all alike.
struct RankSum {
  int ranks = 1;
  std::function<void(double* numbers, int count)> sum;
};

class CpuLayers : public LayerSet {
 public:
  // `convolution`: direct, winograd or gemm; listed first for each layer that has it.
  // `norms`: with a sum, batch norm is over the images of all ranks; without, over each rank's own.
  explicit CpuLayers(std::string convolution = "direct", RankSum norms = {})
      : convolution_(std::move(convolution)), norms_(std::move(norms)) {}
  int64_t element_bytes() const override { return sizeof(float); }
  std::unique_ptr<Kernel> make(const graph::Network& network, int layer) const override;

 private:
  std::string convolution_;
  RankSum norms_;
};

}  // namespace nn::cpu
