// SPDX-License-Identifier: Apache-2.0
// What computes a layer: one Kernel for each layer of a network, made by a LayerSet (processor, double-precision reference, GPU).
// Buffers are in the set's device and untyped: their elements are of the set's type, tensors are n x c x h x w without gaps.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "clients/nn/device/device.hpp"
#include "clients/nn/graph/costs.hpp"
#include "clients/nn/graph/network.hpp"

namespace nn {

// One iteration, the same for all layers.
struct Iteration {
  bool training = true;             // dropout drops, batch norm uses the batch's own statistics
  bool update_statistics = true;    // false in a replay
  uint64_t seed = 0;                // of this iteration's random numbers
  int64_t first_sample = 0;         // number of this rank's first sample within the whole batch
  const int32_t* labels = nullptr;  // one a sample; -1: the sample does not count
  double gradient_scale = 1;        // 1 / samples of the whole batch
  double* loss_sum = nullptr;       // on the host: += sum over samples of -log p(label)
  int64_t* correct = nullptr;       // += samples whose largest probability is the label's
};

// What a layer works on in one step. Owned by the executor; null where the layer needs none.
struct Buffers {
  std::vector<const void*> inputs;
  void* output = nullptr;
  void* saved = nullptr;  // from forward to backward
  void* workspace = nullptr;
  std::vector<void*> parameters;  // as parameters_of lists them
  // backward
  std::vector<const void*> output_gradients;  // one, or one a branch of a fork
  std::vector<void*> input_gradients;         // null: not wanted. Overwritten.
  std::vector<void*> parameter_gradients;
};

class Kernel {
 public:
  virtual ~Kernel() = default;
  virtual graph::LayerCosts costs() const = 0;
  // `algorithm`: an index into costs().forward or backward, whose workspace is there.
  virtual void forward(const Buffers& buffers, const Iteration& iteration, int algorithm) = 0;
  virtual void backward(const Buffers& buffers, const Iteration& iteration, int algorithm) = 0;
};

class LayerSet {
 public:
  virtual ~LayerSet() = default;
  virtual int64_t element_bytes() const = 0;
  // Where its kernels find their buffers.
  virtual std::shared_ptr<Device> device() const { return host_device(); }
  virtual std::unique_ptr<Kernel> make(const graph::Network& network, int layer) const = 0;
};

}  // namespace nn
