// SPDX-License-Identifier: Apache-2.0
// Who decides where tensors are, and who does it. The executor implements TensorStore and asks a MemoryGovernor before
// and after each step; the governor answers by calling the store. Places are offsets into one arena, decided beforehand.
#pragma once

#include <cstdint>
#include <memory>

#include "clients/nn/graph/steps.hpp"

namespace nn::graph {

class TensorStore {
 public:
  virtual ~TensorStore() = default;
  virtual void place(TensorId tensor, int64_t offset_bytes) = 0;  // its content is undefined
  virtual void release(TensorId tensor) = 0;                      // when its copies are done
  virtual void copy_out(TensorId tensor) = 0;                     // begins; to host memory
  virtual void copy_in(TensorId tensor) = 0;  // begins; into its place; whoever names it waits
  virtual void move(TensorId tensor, int64_t offset_bytes) = 0;  // pieces may overlap
  virtual void drop_host(TensorId tensor) = 0;  // the host copy is not needed again
  virtual void workspace(int64_t offset_bytes, int64_t bytes) = 0;  // for the next step or replay
  // The layer's forward step again, with the same bits: running statistics stay, dropout drops what it dropped.
  virtual void replay(int layer, int algorithm) = 0;
};

class MemoryGovernor {
 public:
  virtual ~MemoryGovernor() = default;
  virtual int64_t arena_bytes() const = 0;
  virtual void begin_iteration(TensorStore& store) = 0;
  // On return everything the step names is placed and filled or on its way. Gives the algorithm to use.
  virtual int before(int step, TensorStore& store) = 0;
  virtual void after(int step, TensorStore& store) = 0;
  virtual void end_iteration(TensorStore& store) = 0;
};

// Blocks are multiples of this.
int64_t block_bytes(int64_t bytes);

// All tensors have a place from the beginning to the end, workspaces one behind them. The network and its costs must
// stay.
std::unique_ptr<MemoryGovernor> keep_everything(const Network& network, const Costs& costs);

}  // namespace nn::graph
