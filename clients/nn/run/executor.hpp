// SPDX-License-Identifier: Apache-2.0
// Runs a network over one batch: forward, backward, one layer at a time. Owns the arena, the parameters and the tensors' places;
// a governor decides which tensors are where. One thread.
#pragma once

#include <functional>
#include <map>

#include "clients/nn/graph/governor.hpp"
#include "clients/nn/run/compiled.hpp"
#include "clients/nn/run/parameters.hpp"

namespace nn {

struct Outcome {
  double loss_sum = 0;  // over the samples that count
  int64_t correct = 0;
};

class Executor : private graph::TensorStore {
 public:
  // `compiled` and `governor` must outlive it.
  Executor(const Compiled& compiled, graph::MemoryGovernor& governor);
  ~Executor() override;
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  Parameters& parameters() { return parameters_; }

  // `images` are on the host, elements of the layer set's type, as many as the data layer's output has. Gradients of all parameters are in
  // parameters() afterwards (when the device has done what it was told); `ready` is told each layer as soon as its own are, `known` the outcome before any.
  Outcome train(const void* images, const Iteration& iteration,
                const std::function<void(int layer)>& ready = {},
                const std::function<void(const Outcome&)>& known = {});
  // Forward alone, as the network is used: nothing is dropped, running statistics. `probabilities`, where given, receives the last
  // layer's output.
  Outcome evaluate(const void* images, const Iteration& iteration, void* probabilities = nullptr);

  // Over all iterations: the end of the last block ever placed, and the largest sum of blocks placed at one time.
  int64_t high_water_bytes() const { return high_water_bytes_; }
  int64_t peak_bytes() const { return peak_bytes_; }

 private:
  struct Home {
    int64_t offset = -1;  // in the arena; -1: not placed
    Memory host;
    int64_t copy = 0;  // the last one's number
  };

  void place(graph::TensorId tensor, int64_t offset_bytes) override;
  void release(graph::TensorId tensor) override;
  void copy_out(graph::TensorId tensor) override;
  void copy_in(graph::TensorId tensor) override;
  void move(graph::TensorId tensor, int64_t offset_bytes) override;
  void drop_host(graph::TensorId tensor) override;
  void workspace(int64_t offset_bytes, int64_t bytes) override;
  void replay(int layer, int algorithm) override;

  int64_t bytes_of(graph::TensorId tensor) const;  // rounded as blocks are
  void use(int64_t offset, int64_t bytes);         // a block begins ...
  void drop(int64_t offset, int64_t bytes);        // ... and ends
  void* data(graph::TensorId tensor);              // null where there is none; waits for its copies
  Buffers buffers(int layer);
  void forward(const void* images);
  void forward_layer(int layer, const Iteration& iteration, int algorithm);
  void backward_layer(int layer, int algorithm);

  const Compiled& compiled_;
  graph::MemoryGovernor& governor_;
  Device& device_;
  Parameters parameters_;
  Memory arena_;
  std::map<graph::TensorId, Home> homes_;
  std::map<int64_t, int64_t> blocks_;  // offset: bytes, of what is placed
  int64_t placed_bytes_ = 0;
  int64_t high_water_bytes_ = 0;
  int64_t peak_bytes_ = 0;
  int64_t workspace_offset_ = 0;
  int64_t workspace_bytes_ = 0;
  std::vector<std::vector<int64_t>> offsets_;  // of each layer's parameters
  Iteration iteration_;                        // the current one
  const void* images_ = nullptr;               // its batch
};

}  // namespace nn
