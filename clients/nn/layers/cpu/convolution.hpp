// SPDX-License-Identifier: Apache-2.0
// The ways to compute a convolution.
#pragma once

#include <memory>
#include <oneapi/dnnl/dnnl.hpp>
#include <string>

#include "clients/nn/layers/kernel.hpp"

namespace nn::cpu {

class ConvolutionWay {
 public:
  virtual ~ConvolutionWay() = default;
  virtual std::string name() const = 0;
  virtual bool goes_backward() const { return true; }
  virtual int64_t forward_bytes() const = 0;  // workspaces
  virtual int64_t backward_bytes() const = 0;
  virtual void forward(const Buffers& buffers) = 0;
  virtual void backward(const Buffers& buffers) = 0;
};

// "gemm": each image laid out as a matrix, one product an image (im2col; Chellapilla, Puri, Simard 2006).
std::unique_ptr<ConvolutionWay> by_products(const graph::Network& network, int layer);
// "direct", "winograd": oneDNN's, in its own layouts. Null where oneDNN has no such kernel for this shape and processor.
std::unique_ptr<ConvolutionWay> by_dnnl(const graph::Network& network, int layer,
                                        dnnl::algorithm algorithm);

}  // namespace nn::cpu
