// SPDX-License-Identifier: Apache-2.0
#include "clients/nn/layers/cpu/recurrence.hpp"

#include <algorithm>

#include <blasx/cblas.h>

namespace nn::cpu {
void Recurrence::from_inputs(const Buffers& buffers, float* to) const {
  const float *ih = parameter(buffers, Recurrent::InputBias),
              *hh = parameter(buffers, Recurrent::BeforeBias);
  for (int64_t j = 0; j < wide(); ++j) to[j] = ih[j] + hh[j];
  for (int64_t i = 1; i < rows(); ++i) std::copy_n(to, wide(), to + i * wide());
  cblas_sgemm_64(CblasRowMajor, CblasNoTrans, CblasTrans, rows(), wide(), features(), 1,
                 static_cast<const float*>(buffers.inputs[0]), features(),
                 parameter(buffers, Recurrent::FromInputs), features(), 1, to, wide());
}

void Recurrence::from_before(const Buffers& buffers, int64_t step, float* to) const {
  if (step == 0) return;
  cblas_sgemm_64(CblasRowMajor, CblasNoTrans, CblasTrans, samples(), wide(), hidden(), 1,
                 static_cast<const float*>(buffers.output) + row(0, step - 1, hidden()),
                 steps() * hidden(), parameter(buffers, Recurrent::FromBefore), hidden(), 1,
                 to + row(0, step, wide()), steps() * wide());
}

void Recurrence::to_before(const Buffers& buffers, int64_t step, const float* dpre,
                           float* dh) const {
  cblas_sgemm_64(CblasRowMajor, CblasNoTrans, CblasNoTrans, samples(), hidden(), wide(), 1,
                 dpre + row(0, step, wide()), steps() * wide(),
                 parameter(buffers, Recurrent::FromBefore), hidden(), 0, dh, hidden());
}

void Recurrence::gradients(const Buffers& buffers, float* dpre) const {
  const auto* in = static_cast<const float*>(buffers.inputs[0]);
  cblas_sgemm_64(CblasRowMajor, CblasTrans, CblasNoTrans, wide(), features(), rows(), 1, dpre,
                 wide(), in, features(), 0, gradient(buffers, Recurrent::FromInputs), features());
  if (auto* to = static_cast<float*>(buffers.input_gradients[0]))
    cblas_sgemm_64(CblasRowMajor, CblasNoTrans, CblasNoTrans, rows(), features(), wide(), 1, dpre,
                   wide(), parameter(buffers, Recurrent::FromInputs), features(), 0, to,
                   features());
  float* bias = gradient(buffers, Recurrent::InputBias);
  std::fill_n(bias, wide(), 0.0F);
  for (int64_t i = 0; i < rows(); ++i)
    for (int64_t j = 0; j < wide(); ++j) bias[j] += dpre[i * wide() + j];
  std::copy_n(bias, wide(), gradient(buffers, Recurrent::BeforeBias));
  // Each row with the output of the row above it, in one product: first steps have none, so theirs are nothing.
  for (int64_t i = 0; i < samples(); ++i) std::fill_n(dpre + row(i, 0, wide()), wide(), 0.0F);
  cblas_sgemm_64(CblasRowMajor, CblasTrans, CblasNoTrans, wide(), hidden(), rows() - 1, 1,
                 dpre + wide(), wide(), static_cast<const float*>(buffers.output), hidden(), 0,
                 gradient(buffers, Recurrent::FromBefore), hidden());
}

}  // namespace nn::cpu
