// SPDX-License-Identifier: Apache-2.0
// Which layer set a program's --device names. That of GPUs is a library of its own, opened when it is asked for.
#pragma once

#include <memory>
#include <string>

#include "clients/nn/layers/cpu/layer_set.hpp"

namespace nn {

struct SetOptions {
  std::string
      convolution;  // direct, winograd, gemm: listed first where a layer has it; empty: the set's own order
  cpu::RankSum norms;  // as CpuLayers takes it
  int neighbour = 0;   // `cuda` is GPU number neighbour, modulo how many there are
};

// `device`: cpu, cuda, cuda:N. Throws Error: another name, no GPU, not built for any.
std::unique_ptr<LayerSet> layers_on(const std::string& device, const SetOptions& options);

}  // namespace nn
