// SPDX-License-Identifier: Apache-2.0
// The products of a recurrent layer by cuBLAS, as clients/nn/layers/cpu/recurrence.hpp has them by cblas. No state but sizes and
// descriptors.
#pragma once

#include "clients/nn/layers/cuda/cuda_device.hpp"
#include "clients/nn/layers/recurrence_sizes.hpp"

namespace nn::cuda {

class Recurrence : public RecurrenceSizes {
 public:
  Recurrence(const graph::Network& network, int layer, CudaDevice& device);

  // Of the step's first sample, among rows of `width` numbers; and from one sample's to the next's.
  static int64_t row(int64_t step, int64_t width) { return step * width; }
  int64_t pitch(int64_t width) const { return steps() * width; }

  // to = x W_ih' + b_ih + b_hh, rows of wide(), of all steps.
  void from_inputs(const Buffers& buffers, float* to) const;
  // The step's rows of `to` += h W_hh', h the step's before; nothing for the first.
  void from_before(const Buffers& buffers, int64_t step, float* to) const;
  // dh = the step's rows of dpre times W_hh: the gradient that goes to the step before. dh: samples x hidden.
  void to_before(const Buffers& buffers, int64_t step, const float* dpre, float* dh) const;
  // Of a step's outputs in all, into rows `pitch` apart: what comes from the layer behind, and dh unless it is the last.
  void whole_gradient(const Buffers& buffers, int64_t step, const float* dh, float* to,
                      int64_t pitch) const;
  // Gradients of parameters and inputs from those of what from_inputs and from_before sum to; spoils dpre.
  void gradients(const Buffers& buffers, float* dpre) const;

 private:
  CudaDevice& device_;
  Tensor all_rows_, biases_;
};

}  // namespace nn::cuda
