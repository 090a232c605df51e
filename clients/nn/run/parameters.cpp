// SPDX-License-Identifier: Apache-2.0
#include "clients/nn/run/parameters.hpp"

#include "clients/nn/layers/random.hpp"

namespace nn {
namespace {

constexpr int64_t kAlignmentElems = 16;  // vector loads; what lies between stays 0

int64_t rounded(int64_t elems) {
  return (elems + kAlignmentElems - 1) / kAlignmentElems * kAlignmentElems;
}

}  // namespace

Parameters::Parameters(const graph::Network& network, int64_t element_bytes)
    : element_bytes_(element_bytes), ranges_(network.layers.size()) {
  for (const bool trained : {true, false}) {
    for (size_t layer = 0; layer < network.layers.size(); ++layer) {
      const int index = static_cast<int>(layer);
      if (trained) ranges_[layer].begin = elems_;
      for (const ParameterSpec& spec : parameters_of(network, index)) {
        if (spec.trained != trained) continue;
        parameters_.push_back({.spec = spec, .layer = index, .offset_elems = elems_});
        elems_ += rounded(spec.elems);
      }
      if (trained) ranges_[layer].end = elems_;
    }
    if (trained) trained_elems_ = elems_;
  }
  values_ = memory::take(elems_ * element_bytes_);
  gradients_ = memory::take(trained_elems_ * element_bytes_);
}

void Parameters::initialise(uint64_t seed) {
  uint64_t stream = seed;
  for (const Parameter& parameter : parameters_) {
    stream = mix(stream);
    for (int64_t i = 0; i < parameter.spec.elems; ++i) {
      double number = parameter.spec.value;
      if (parameter.spec.deviation > 0)
        number += parameter.spec.deviation * normal(stream, static_cast<uint64_t>(i));
      void* place = value(parameter.offset_elems + i);
      if (element_bytes_ == sizeof(float))
        *static_cast<float*>(place) = static_cast<float>(number);
      else
        *static_cast<double*>(place) = number;
    }
  }
}

}  // namespace nn
