// SPDX-License-Identifier: Apache-2.0
// The products of a recurrent layer, all cblas calls. No state but sizes.
#pragma once

#include "clients/nn/layers/recurrence_sizes.hpp"

namespace nn::cpu {

class Recurrence : public RecurrenceSizes {
 public:
  using RecurrenceSizes::RecurrenceSizes;

  // Of sample and step, among rows of `width` numbers.
  int64_t row(int64_t sample, int64_t step, int64_t width) const {
    return (sample * steps() + step) * width;
  }
  // Of a step f(place among rows of hidden(), of its first gate among rows of wide(), place among samples x hidden).
  template <class F>
  void each(int64_t step, const F& f) const {
    for (int64_t sample = 0; sample < samples(); ++sample)
      for (int64_t j = 0; j < hidden(); ++j)
        f(row(sample, step, hidden()) + j, row(sample, step, wide()) + j, sample * hidden() + j);
  }

  // to = x W_ih' + b_ih + b_hh, rows of wide(), of all steps.
  void from_inputs(const Buffers& buffers, float* to) const;
  // The step's rows of `to` += h W_hh', h the step's before; nothing for the first.
  void from_before(const Buffers& buffers, int64_t step, float* to) const;
  // dh = the step's rows of dpre times W_hh: the gradient that goes to the step before. dh: samples x hidden.
  void to_before(const Buffers& buffers, int64_t step, const float* dpre, float* dh) const;
  // Gradients of parameters and inputs from those of what from_inputs and from_before sum to; spoils dpre.
  void gradients(const Buffers& buffers, float* dpre) const;
};

}  // namespace nn::cpu
