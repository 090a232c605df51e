// SPDX-License-Identifier: Apache-2.0
// The layers again, in double precision and as their definitions read: what central differences can check, and what the fast
// layers must agree with. No speed.
#pragma once

#include "clients/nn/layers/kernel.hpp"

namespace nn::test {

class ReferenceLayers : public LayerSet {
 public:
  int64_t element_bytes() const override { return sizeof(double); }
  std::unique_ptr<Kernel> make(const graph::Network& network, int layer) const override;
};

// One of its kernels, in a file of its own.
std::unique_ptr<Kernel> make_recurrent(const graph::Network& network, int layer);

}  // namespace nn::test
