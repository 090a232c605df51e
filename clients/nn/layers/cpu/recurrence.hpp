// SPDX-License-Identifier: Apache-2.0
// The products of a recurrent layer, all cblas calls. Rows are samples x steps, a sample's steps behind one another; a step of
// all samples is a matrix whose rows lie `steps` rows apart, so nothing is copied together. No state but sizes.
#pragma once

#include "clients/nn/graph/network.hpp"
#include "clients/nn/layers/kernel.hpp"

namespace nn::cpu {

class Recurrence {
 public:
  Recurrence(const graph::Network& network, int layer);

  int64_t samples() const { return samples_; }
  int64_t steps() const { return steps_; }
  int64_t hidden() const { return hidden_; }
  int64_t wide() const { return wide_; }  // gates x hidden
  int64_t rows() const { return samples_ * steps_; }
  // Of sample and step, among rows of `width` numbers.
  int64_t row(int64_t sample, int64_t step, int64_t width) const {
    return (sample * steps_ + step) * width;
  }
  // Of a step f(place among rows of hidden(), of its first gate among rows of wide(), place among samples x hidden).
  template <class F>
  void each(int64_t step, const F& f) const {
    for (int64_t sample = 0; sample < samples_; ++sample)
      for (int64_t j = 0; j < hidden_; ++j)
        f(row(sample, step, hidden_) + j, row(sample, step, wide_) + j, sample * hidden_ + j);
  }

  // to = x W_ih' + b_ih + b_hh, rows of wide(), of all steps.
  void from_inputs(const Buffers& buffers, float* to) const;
  // The step's rows of `to` += h W_hh', h the step's before; nothing for the first.
  void from_before(const Buffers& buffers, int64_t step, float* to) const;
  // dh = the step's rows of dpre times W_hh: the gradient that goes to the step before. dh: samples x hidden.
  void to_before(const Buffers& buffers, int64_t step, const float* dpre, float* dh) const;
  // Gradients of parameters and inputs from those of what from_inputs and from_before sum to; spoils dpre.
  void gradients(const Buffers& buffers, float* dpre) const;

 private:
  int64_t samples_, steps_, features_, hidden_, wide_;
};

}  // namespace nn::cpu
