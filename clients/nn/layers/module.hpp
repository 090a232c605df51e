// SPDX-License-Identifier: Apache-2.0
// What the library of the GPUs' layer set and the programs say to each other: it exports kLayerModule, null unless `stamp` is
// its own build's. Throws Error.
#pragma once

#include <memory>
#include <string>

#include "clients/nn/layers/kernel.hpp"

namespace nn {

struct CudaOptions {
  int device = 0;
  bool wraps = false;       // the number is taken modulo how many GPUs there are
  std::string convolution;  // as SetOptions has it
};
using LayerModule = LayerSet* (*)(const char* stamp, const CudaOptions& options);  // the caller's
inline constexpr const char* kLayerModule = "nn_cuda_layers";
inline constexpr const char* kLayerModuleFile = "libnn_cuda.so";

}  // namespace nn
