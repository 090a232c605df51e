// SPDX-License-Identifier: Apache-2.0
// The processor's layer set.
#pragma once

#include <string>
#include <utility>

#include "clients/nn/layers/kernel.hpp"

namespace nn::cpu {

class CpuLayers : public LayerSet {
 public:
  // `convolution`: direct, winograd or gemm; listed first for each layer that has it.
  explicit CpuLayers(std::string convolution = "direct") : convolution_(std::move(convolution)) {}
  int64_t element_bytes() const override { return sizeof(float); }
  std::unique_ptr<Kernel> make(const graph::Network& network, int layer) const override;

 private:
  std::string convolution_;
};

}  // namespace nn::cpu
