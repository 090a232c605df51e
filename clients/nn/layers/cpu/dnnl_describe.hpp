// SPDX-License-Identifier: Apache-2.0
// What primitives are to do, in words that oneDNN 2 and 3 share. Tensors are the caller's; each throws dnnl::error where there is no kernel.
#pragma once

#include <oneapi/dnnl/dnnl.hpp>

#include "clients/nn/graph/network.hpp"

namespace nn::cpu {

// How kernels of a convolution or a pooling step over an image: rows, then columns.
struct Window {
  dnnl::memory::dims kernel, strides, begin, end;  // begin and end: zeros around the image
};
Window window_of(const graph::Layer& layer, const graph::Shape& in);

namespace describe {

using dnnl::memory;

dnnl::softmax_forward::primitive_desc softmax(const memory::desc& data, int axis);

dnnl::eltwise_forward::primitive_desc eltwise(dnnl::algorithm algorithm, const memory::desc& data);
dnnl::eltwise_backward::primitive_desc eltwise_backward(
    const dnnl::eltwise_forward::primitive_desc& forward, dnnl::algorithm algorithm,
    const memory::desc& data);

dnnl::pooling_forward::primitive_desc pooling(dnnl::algorithm algorithm, const memory::desc& src,
                                              const memory::desc& dst, const Window& window);
dnnl::pooling_backward::primitive_desc pooling_backward(
    const dnnl::pooling_forward::primitive_desc& forward, dnnl::algorithm algorithm,
    const memory::desc& src, const memory::desc& dst, const Window& window);

// Across channels.
dnnl::lrn_forward::primitive_desc lrn(dnnl::prop_kind kind, const memory::desc& data,
                                      const graph::Layer& layer);
dnnl::lrn_backward::primitive_desc lrn_backward(const dnnl::lrn_forward::primitive_desc& training,
                                                const memory::desc& data,
                                                const graph::Layer& layer);

dnnl::batch_normalization_forward::primitive_desc batch_norm(dnnl::prop_kind kind,
                                                             const memory::desc& data,
                                                             float epsilon,
                                                             dnnl::normalization_flags flags);
dnnl::batch_normalization_backward::primitive_desc batch_norm_backward(
    const dnnl::batch_normalization_forward::primitive_desc& training, const memory::desc& data,
    float epsilon, dnnl::normalization_flags flags);

// Of a convolution: its tensors, each in any layout that suits the kernel; scratch is the caller's. bias may be empty.
struct Convolution {
  dnnl::algorithm algorithm;
  memory::desc src, weights, bias, dst;
  Window window;
};
dnnl::convolution_forward::primitive_desc convolution(const Convolution& its);
dnnl::convolution_backward_data::primitive_desc convolution_backward_data(
    const dnnl::convolution_forward::primitive_desc& forward, const Convolution& its);
dnnl::convolution_backward_weights::primitive_desc convolution_backward_weights(
    const dnnl::convolution_forward::primitive_desc& forward, const Convolution& its);

}  // namespace describe
}  // namespace nn::cpu
