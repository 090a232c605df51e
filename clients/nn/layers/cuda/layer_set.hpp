// SPDX-License-Identifier: Apache-2.0
// The layer set of a GPU.
#pragma once

#include <string>

#include "clients/nn/layers/cuda/cuda_device.hpp"
#include "clients/nn/layers/kernel.hpp"
#include "clients/nn/layers/module.hpp"

namespace nn::cuda {

class CudaLayers : public LayerSet {
 public:
  // Throws Error where there is no such GPU.
  explicit CudaLayers(const CudaOptions& options);
  int64_t element_bytes() const override { return sizeof(float); }
  std::shared_ptr<Device> device() const override { return device_; }
  // Errors of the kernel, then and later, name its layer.
  std::unique_ptr<Kernel> make(const graph::Network& network, int layer) const override;

 private:
  std::shared_ptr<CudaDevice> device_;
  std::string convolution_;
};

}  // namespace nn::cuda
