// SPDX-License-Identifier: Apache-2.0
// The entry of libnn_cuda.so.
#include "clients/nn/layers/module.hpp"

#include <cstring>

#include "clients/nn/layers/cuda/layer_set.hpp"

// NOLINTNEXTLINE(readability-identifier-naming): found by this name
extern "C" __attribute__((visibility("default"))) nn::LayerSet* nn_cuda_layers(
    const char* stamp, const nn::CudaOptions& options) {
  if (std::strcmp(stamp, NN_MODULE_STAMP) != 0) return nullptr;
  return new nn::cuda::CudaLayers(options);  // the caller's
}
