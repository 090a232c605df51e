// SPDX-License-Identifier: Apache-2.0
#include "clients/nn/layers/cuda/recurrence.hpp"

#include "clients/nn/layers/costs.hpp"

namespace nn::cuda {
namespace {

constexpr int64_t kFloat = sizeof(float);

}  // namespace

Recurrence::Recurrence(const graph::Network& network, int layer, CudaDevice& device)
    : RecurrenceSizes(network, layer),
      device_(device),
      all_rows_(matrix(rows(), wide(), wide())),
      biases_(vector(wide())) {}

void Recurrence::from_inputs(const Buffers& buffers, float* to) const {
  device_.multiply(false, true, rows(), wide(), features(),
                   static_cast<const float*>(buffers.inputs[0]), features(),
                   parameter(buffers, Recurrent::FromInputs), features(), 0, to, wide());
  for (const Recurrent bias : {Recurrent::InputBias, Recurrent::BeforeBias})
    check(cudnnAddTensor(device_.dnn(), &kOne, biases_.get(), parameter(buffers, bias), &kOne,
                         all_rows_.get(), to),
          "cudnnAddTensor");
}

void Recurrence::from_before(const Buffers& buffers, int64_t step, float* to) const {
  if (step == 0) return;
  device_.multiply(false, true, samples(), wide(), hidden(),
                   static_cast<const float*>(buffers.output) + row(step - 1, hidden()),
                   pitch(hidden()), parameter(buffers, Recurrent::FromBefore), hidden(), 1,
                   to + row(step, wide()), pitch(wide()));
}

void Recurrence::to_before(const Buffers& buffers, int64_t step, const float* dpre,
                           float* dh) const {
  device_.multiply(false, false, samples(), hidden(), wide(), dpre + row(step, wide()),
                   pitch(wide()), parameter(buffers, Recurrent::FromBefore), hidden(), 0, dh,
                   hidden());
}

void Recurrence::whole_gradient(const Buffers& buffers, int64_t step, const float* dh, float* to,
                                int64_t to_pitch) const {
  const float* behind =
      static_cast<const float*>(buffers.output_gradients[0]) + row(step, hidden());
  if (step + 1 == steps())
    device_.copy_rows(to, to_pitch * kFloat, behind, pitch(hidden()) * kFloat, hidden() * kFloat,
                      samples());
  else
    device_.add(samples(), hidden(), behind, pitch(hidden()), dh, hidden(), to, to_pitch);
}

void Recurrence::gradients(const Buffers& buffers, float* dpre) const {
  device_.multiply(true, false, wide(), features(), rows(), dpre, wide(),
                   static_cast<const float*>(buffers.inputs[0]), features(), 0,
                   gradient(buffers, Recurrent::FromInputs), features());
  if (auto* to = static_cast<float*>(buffers.input_gradients[0]))
    device_.multiply(false, false, rows(), features(), wide(), dpre, wide(),
                     parameter(buffers, Recurrent::FromInputs), features(), 0, to, features());
  check(cudnnConvolutionBackwardBias(device_.dnn(), &kOne, all_rows_.get(), dpre, &kZero,
                                     biases_.get(), gradient(buffers, Recurrent::InputBias)),
        "cudnnConvolutionBackwardBias");
  device_.copy(gradient(buffers, Recurrent::BeforeBias), gradient(buffers, Recurrent::InputBias),
               wide() * kFloat);
  // Each row with the output of the row above it, in one product: first steps have none, so theirs are nothing.
  device_.clear_rows(dpre, pitch(wide()) * kFloat, wide() * kFloat, samples());
  device_.multiply(true, false, wide(), hidden(), rows() - 1, dpre + wide(), wide(),
                   static_cast<const float*>(buffers.output), hidden(), 0,
                   gradient(buffers, Recurrent::FromBefore), hidden());
}

}  // namespace nn::cuda
