// SPDX-License-Identifier: Apache-2.0
#include "clients/nn/layers/cuda/recurrence.hpp"

#include "clients/nn/layers/costs.hpp"

namespace nn::cuda {
namespace {

constexpr int64_t kFloat = sizeof(float);

const float* parameter(const Buffers& buffers, size_t which) {
  return static_cast<const float*>(buffers.parameters[which]);
}

float* gradient(const Buffers& buffers, size_t which) {
  return static_cast<float*>(buffers.parameter_gradients[which]);
}

}  // namespace

Recurrence::Recurrence(const graph::Network& network, int layer, CudaDevice& device)
    : device_(device) {
  const graph::Layer& ours = layer_of(network, layer);
  samples_ = ours.out.n;
  steps_ = ours.out.h;
  hidden_ = ours.out.w;
  features_ = input_of(network, layer).out.w;
  wide_ = graph::gates(ours.kind) * hidden_;
  all_rows_ = matrix(rows(), wide_, wide_);
  biases_ = vector(wide_);
}

void Recurrence::from_inputs(const Buffers& buffers, float* to) const {
  device_.multiply(false, true, rows(), wide_, features_,
                   static_cast<const float*>(buffers.inputs[0]), features_, parameter(buffers, 0),
                   features_, 0, to, wide_);
  for (const size_t bias : {size_t{2}, size_t{3}})
    check(cudnnAddTensor(device_.dnn(), &kOne, biases_.get(), parameter(buffers, bias), &kOne,
                         all_rows_.get(), to),
          "cudnnAddTensor");
}

void Recurrence::from_before(const Buffers& buffers, int64_t step, float* to) const {
  if (step == 0) return;
  device_.multiply(false, true, samples_, wide_, hidden_,
                   static_cast<const float*>(buffers.output) + row(step - 1, hidden_),
                   pitch(hidden_), parameter(buffers, 1), hidden_, 1, to + row(step, wide_),
                   pitch(wide_));
}

void Recurrence::to_before(const Buffers& buffers, int64_t step, const float* dpre,
                           float* dh) const {
  device_.multiply(false, false, samples_, hidden_, wide_, dpre + row(step, wide_), pitch(wide_),
                   parameter(buffers, 1), hidden_, 0, dh, hidden_);
}

void Recurrence::whole_gradient(const Buffers& buffers, int64_t step, const float* dh, float* to,
                                int64_t to_pitch) const {
  const float* behind = static_cast<const float*>(buffers.output_gradients[0]) + row(step, hidden_);
  if (step + 1 == steps_)
    device_.copy_rows(to, to_pitch * kFloat, behind, pitch(hidden_) * kFloat, hidden_ * kFloat,
                      samples_);
  else
    device_.add(samples_, hidden_, behind, pitch(hidden_), dh, hidden_, to, to_pitch);
}

void Recurrence::gradients(const Buffers& buffers, float* dpre) const {
  device_.multiply(true, false, wide_, features_, rows(), dpre, wide_,
                   static_cast<const float*>(buffers.inputs[0]), features_, 0, gradient(buffers, 0),
                   features_);
  if (auto* to = static_cast<float*>(buffers.input_gradients[0]))
    device_.multiply(false, false, rows(), features_, wide_, dpre, wide_, parameter(buffers, 0),
                     features_, 0, to, features_);
  check(cudnnConvolutionBackwardBias(device_.dnn(), &kOne, all_rows_.get(), dpre, &kZero,
                                     biases_.get(), gradient(buffers, 2)),
        "cudnnConvolutionBackwardBias");
  device_.copy(gradient(buffers, 3), gradient(buffers, 2), wide_ * kFloat);
  // Each row with the output of the row above it, in one product: first steps have none, so theirs are nothing.
  device_.clear_rows(dpre, pitch(wide_) * kFloat, wide_ * kFloat, samples_);
  device_.multiply(true, false, wide_, hidden_, rows() - 1, dpre + wide_, wide_,
                   static_cast<const float*>(buffers.output), hidden_, 0, gradient(buffers, 1),
                   hidden_);
}

}  // namespace nn::cuda
