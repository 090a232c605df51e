// SPDX-License-Identifier: Apache-2.0
// Stochastic gradient descent with momentum (Polyak 1964), also Nesterov's, and weight decay; and how its rate changes.
#pragma once

#include <string>

#include "clients/nn/run/parameters.hpp"

namespace nn {

struct SgdOptions {
  double momentum = 0.9;
  double weight_decay = 5e-4;  // of weights; biases and batch norm's parameters do not decay
  bool nesterov = false;
};

class Sgd {
 public:
  // `parameters` must outlive it; their elements are float. The velocity is in their device's memory.
  Sgd(Parameters& parameters, const SgdOptions& options);

  // One step of the parameters in `range`, which begins and ends between layers.
  void step(Range range, double rate);
  // One a trained element.
  void* velocity() { return velocity_.get(); }
  int64_t velocity_bytes() const {
    return parameters_.trained_elems() * static_cast<int64_t>(sizeof(float));
  }

 private:
  Parameters& parameters_;
  SgdOptions options_;
  Memory velocity_;
};

class Schedule {
 public:
  // constant; step:EPOCHS:FACTOR, times the factor every so many epochs; poly:POWER, (1 - done)^power; cosine, half a wave down to 0.
  // Throws Error.
  explicit Schedule(const std::string& text);
  // The factor of the first rate after `epoch` of `epochs` epochs.
  double factor(double epoch, double epochs) const;

 private:
  std::string kind_;
  double first_ = 0;
  double second_ = 0;
};

}  // namespace nn
