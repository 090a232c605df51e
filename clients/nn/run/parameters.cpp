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

Parameters::Parameters(const graph::Network& network, int64_t element_bytes, Device& device)
    : device_(device), element_bytes_(element_bytes), ranges_(network.layers.size()) {
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
  values_ = device_.take(elems_ * element_bytes_);
  gradients_ = device_.take(trained_elems_ * element_bytes_);
}

void Parameters::initialise(uint64_t seed) {
  uint64_t stream = seed;
  for (const Parameter& parameter : parameters_) {
    stream = mix(stream);
    std::vector<double> numbers(static_cast<size_t>(parameter.spec.elems), parameter.spec.value);
    if (parameter.spec.deviation > 0)
      for (size_t i = 0; i < numbers.size(); ++i)
        numbers[i] += parameter.spec.deviation * normal(stream, i);
    void* place = value(parameter.offset_elems);
    if (element_bytes_ == sizeof(float)) {
      const std::vector<float> rounded(numbers.begin(), numbers.end());
      device_.upload(place, rounded.data(), parameter.spec.elems * element_bytes_);
    } else {
      device_.upload(place, numbers.data(), parameter.spec.elems * element_bytes_);
    }
  }
}

}  // namespace nn
