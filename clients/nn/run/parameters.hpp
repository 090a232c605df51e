// SPDX-License-Identifier: Apache-2.0
// The numbers a network learns, and their gradients: one buffer each in the device's memory, layer by layer.
#pragma once

#include <cstdint>
#include <vector>

#include "clients/nn/device/device.hpp"
#include "clients/nn/layers/parameters.hpp"

namespace nn {

struct Parameter {
  ParameterSpec spec;
  int layer = 0;
  int64_t offset_elems = 0;  // into the buffers
};

// Elements [begin, end) of the buffers.
struct Range {
  int64_t begin = 0;
  int64_t end = 0;
};

// First all trained parameters in the order of the layers, then all statistics, which have no gradient.
class Parameters {
 public:
  // `device` must outlive it.
  Parameters(const graph::Network& network, int64_t element_bytes, Device& device);

  // Values as the specs say, from the seed; the same on every rank.
  void initialise(uint64_t seed);

  const std::vector<Parameter>& all() const { return parameters_; }
  int64_t elems() const { return elems_; }
  int64_t trained_elems() const { return trained_elems_; }
  Range of_layer(int layer) const { return ranges_[static_cast<size_t>(layer)]; }  // trained

  void* value(int64_t offset_elems) { return values_.get() + offset_elems * element_bytes_; }
  void* gradient(int64_t offset_elems) { return gradients_.get() + offset_elems * element_bytes_; }
  // In the device's memory, as its kernels see it.
  Device& device() const { return device_; }
  // The buffers of a set whose elements are float.
  float* values() { return static_cast<float*>(value(0)); }
  float* gradients() { return static_cast<float*>(gradient(0)); }

 private:
  Device& device_;
  int64_t element_bytes_;
  std::vector<Parameter> parameters_;
  std::vector<Range> ranges_;  // one a layer
  int64_t elems_ = 0;
  int64_t trained_elems_ = 0;
  Memory values_, gradients_;
};

}  // namespace nn
