// SPDX-License-Identifier: Apache-2.0
#include "clients/nn/layers/recurrence_sizes.hpp"

#include "clients/nn/layers/costs.hpp"

namespace nn {

RecurrenceSizes::RecurrenceSizes(const graph::Network& network, int layer) {
  const graph::Layer& ours = layer_of(network, layer);
  samples_ = ours.out.n;
  steps_ = ours.out.h;
  hidden_ = ours.out.w;
  features_ = input_of(network, layer).out.w;
  wide_ = graph::gates(ours.kind) * hidden_;
}

}  // namespace nn
