// SPDX-License-Identifier: Apache-2.0
#include "clients/nn/layers/cpu/recurrence.hpp"

#include <algorithm>

#include <blasx/cblas.h>

#include "clients/nn/layers/cpu/dnnl_use.hpp"

namespace nn::cpu {
namespace {

const float* parameter(const Buffers& buffers, size_t which) {
  return static_cast<const float*>(buffers.parameters[which]);
}

float* gradient(const Buffers& buffers, size_t which) {
  return static_cast<float*>(buffers.parameter_gradients[which]);
}

}  // namespace

Recurrence::Recurrence(const graph::Network& network, int layer) {
  const graph::Layer& ours = layer_of(network, layer);
  samples_ = ours.out.n;
  steps_ = ours.out.h;
  hidden_ = ours.out.w;
  features_ = input_of(network, layer).out.w;
  wide_ = graph::gates(ours.kind) * hidden_;
}

void Recurrence::from_inputs(const Buffers& buffers, float* to) const {
  const float *ih = parameter(buffers, 2), *hh = parameter(buffers, 3);
  for (int64_t j = 0; j < wide_; ++j) to[j] = ih[j] + hh[j];
  for (int64_t i = 1; i < rows(); ++i) std::copy_n(to, wide_, to + i * wide_);
  cblas_sgemm_64(CblasRowMajor, CblasNoTrans, CblasTrans, rows(), wide_, features_, 1,
                 static_cast<const float*>(buffers.inputs[0]), features_, parameter(buffers, 0),
                 features_, 1, to, wide_);
}

void Recurrence::from_before(const Buffers& buffers, int64_t step, float* to) const {
  if (step == 0) return;
  cblas_sgemm_64(CblasRowMajor, CblasNoTrans, CblasTrans, samples_, wide_, hidden_, 1,
                 static_cast<const float*>(buffers.output) + row(0, step - 1, hidden_),
                 steps_ * hidden_, parameter(buffers, 1), hidden_, 1, to + row(0, step, wide_),
                 steps_ * wide_);
}

void Recurrence::to_before(const Buffers& buffers, int64_t step, const float* dpre,
                           float* dh) const {
  cblas_sgemm_64(CblasRowMajor, CblasNoTrans, CblasNoTrans, samples_, hidden_, wide_, 1,
                 dpre + row(0, step, wide_), steps_ * wide_, parameter(buffers, 1), hidden_, 0, dh,
                 hidden_);
}

void Recurrence::gradients(const Buffers& buffers, float* dpre) const {
  const auto* in = static_cast<const float*>(buffers.inputs[0]);
  cblas_sgemm_64(CblasRowMajor, CblasTrans, CblasNoTrans, wide_, features_, rows(), 1, dpre, wide_,
                 in, features_, 0, gradient(buffers, 0), features_);
  if (auto* to = static_cast<float*>(buffers.input_gradients[0]))
    cblas_sgemm_64(CblasRowMajor, CblasNoTrans, CblasNoTrans, rows(), features_, wide_, 1, dpre,
                   wide_, parameter(buffers, 0), features_, 0, to, features_);
  float* bias = gradient(buffers, 2);
  std::fill_n(bias, wide_, 0.0F);
  for (int64_t i = 0; i < rows(); ++i)
    for (int64_t j = 0; j < wide_; ++j) bias[j] += dpre[i * wide_ + j];
  std::copy_n(bias, wide_, gradient(buffers, 3));
  // Each row with the output of the row above it, in one product: first steps have none, so theirs are nothing.
  for (int64_t i = 0; i < samples_; ++i) std::fill_n(dpre + row(i, 0, wide_), wide_, 0.0F);
  cblas_sgemm_64(CblasRowMajor, CblasTrans, CblasNoTrans, wide_, hidden_, rows() - 1, 1,
                 dpre + wide_, wide_, static_cast<const float*>(buffers.output), hidden_, 0,
                 gradient(buffers, 1), hidden_);
}

}  // namespace nn::cpu
