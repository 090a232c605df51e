// SPDX-License-Identifier: Apache-2.0
#include "clients/nn/layers/cpu/dnnl_describe.hpp"

#include <algorithm>
#include <tuple>

#include "clients/nn/layers/cpu/dnnl_use.hpp"

namespace nn::cpu {
namespace {

// Zeros at the end that give the output its size: pooling may round up.
int64_t end_padding(int64_t in, int64_t out, int64_t kernel, int64_t stride, int64_t padding) {
  return std::max<int64_t>(0, (out - 1) * stride + kernel - in - padding);
}

}  // namespace

Window window_of(const graph::Layer& layer, const graph::Shape& in) {
  return {.kernel = {layer.kernel_h, layer.kernel_w},
          .strides = {layer.stride, layer.stride},
          .begin = {layer.pad_h, layer.pad_w},
          .end = {end_padding(in.h, layer.out.h, layer.kernel_h, layer.stride, layer.pad_h),
                  end_padding(in.w, layer.out.w, layer.kernel_w, layer.stride, layer.pad_w)}};
}

namespace describe {
namespace {

constexpr bool kThree = DNNL_VERSION_MAJOR >= 3;
constexpr auto kTraining = dnnl::prop_kind::forward_training;

// oneDNN 3 wants more arguments: each tensor by itself where oneDNN 2 takes one description for source and destination.
template <class T>
auto in_three([[maybe_unused]] const T& argument) {
  if constexpr (kThree)
    return std::tuple(argument);
  else
    return std::tuple();
}

template <class T>
std::tuple<T> listed(const T& argument) {
  return std::tuple<T>(argument);
}
template <class... T>
std::tuple<T...> listed(const std::tuple<T...>& arguments) {
  return arguments;
}

// oneDNN 2 puts the arguments into a descriptor first. `forward`: nothing, or what the forward primitive was described by.
template <class Primitive, class... Arguments, class... Forward>
auto described(const std::tuple<Arguments...>& arguments, const dnnl::primitive_attr& attributes,
               const Forward&... forward) {
  using Desc = typename Primitive::primitive_desc;
  return std::apply(
      [&](const auto&... each) {
        if constexpr (kThree)
          return Desc(engine(), each..., forward..., attributes);
        else
          return Desc({each...}, attributes, engine(), forward...);
      },
      arguments);
}

// In one list.
template <class... Arguments>
auto list(const Arguments&... arguments) {
  return std::tuple_cat(listed(arguments)...);
}

memory::desc any(const memory::desc& desc) {
#if DNNL_VERSION_MAJOR >= 3
  return {desc.get_dims(), memory::data_type::f32, memory::format_tag::any};
#else
  return {desc.dims(), memory::data_type::f32, memory::format_tag::any};
#endif
}

memory::dims no_dilation() { return {0, 0}; }

}  // namespace

dnnl::softmax_forward::primitive_desc softmax(const memory::desc& data, int axis) {
  constexpr auto kAccurate = dnnl::algorithm::softmax_accurate;
  return described<dnnl::softmax_forward>(
      list(kTraining, in_three(kAccurate), data, in_three(data), axis), {});
}

dnnl::eltwise_forward::primitive_desc eltwise(dnnl::algorithm algorithm, const memory::desc& data) {
  return described<dnnl::eltwise_forward>(list(kTraining, algorithm, data, in_three(data)), {});
}

dnnl::eltwise_backward::primitive_desc eltwise_backward(
    const dnnl::eltwise_forward::primitive_desc& forward, dnnl::algorithm algorithm,
    const memory::desc& data) {
  return described<dnnl::eltwise_backward>(list(algorithm, data, in_three(data), data), {},
                                           forward);
}

dnnl::pooling_forward::primitive_desc pooling(dnnl::algorithm algorithm, const memory::desc& src,
                                              const memory::desc& dst, const Window& window) {
  return described<dnnl::pooling_forward>(
      list(kTraining, algorithm, src, dst, window.strides, window.kernel, in_three(no_dilation()),
           window.begin, window.end),
      {});
}

dnnl::pooling_backward::primitive_desc pooling_backward(
    const dnnl::pooling_forward::primitive_desc& forward, dnnl::algorithm algorithm,
    const memory::desc& src, const memory::desc& dst, const Window& window) {
  return described<dnnl::pooling_backward>(list(algorithm, src, dst, window.strides, window.kernel,
                                                in_three(no_dilation()), window.begin, window.end),
                                           {}, forward);
}

dnnl::lrn_forward::primitive_desc lrn(dnnl::prop_kind kind, const memory::desc& data,
                                      const graph::Layer& layer) {
  return described<dnnl::lrn_forward>(
      list(kind, dnnl::algorithm::lrn_across_channels, data, in_three(data), layer.local_size,
           layer.alpha, layer.beta, layer.k),
      {});
}

dnnl::lrn_backward::primitive_desc lrn_backward(const dnnl::lrn_forward::primitive_desc& training,
                                                const memory::desc& data,
                                                const graph::Layer& layer) {
  return described<dnnl::lrn_backward>(
      list(dnnl::algorithm::lrn_across_channels, data, in_three(data), data, layer.local_size,
           layer.alpha, layer.beta, layer.k),
      {}, training);
}

dnnl::batch_normalization_forward::primitive_desc batch_norm(dnnl::prop_kind kind,
                                                             const memory::desc& data,
                                                             float epsilon,
                                                             dnnl::normalization_flags flags) {
  return described<dnnl::batch_normalization_forward>(
      list(kind, data, in_three(data), epsilon, flags), {});
}

dnnl::batch_normalization_backward::primitive_desc batch_norm_backward(
    const dnnl::batch_normalization_forward::primitive_desc& training, const memory::desc& data,
    float epsilon, dnnl::normalization_flags flags) {
  return described<dnnl::batch_normalization_backward>(
      list(dnnl::prop_kind::backward, data, in_three(data), data, epsilon, flags), {}, training);
}

dnnl::convolution_forward::primitive_desc convolution(const Convolution& its) {
  return described<dnnl::convolution_forward>(
      list(kTraining, its.algorithm, any(its.src), any(its.weights), its.bias, any(its.dst),
           its.window.strides, its.window.begin, its.window.end),
      own_scratch());
}

dnnl::convolution_backward_data::primitive_desc convolution_backward_data(
    const dnnl::convolution_forward::primitive_desc& forward, const Convolution& its) {
  return described<dnnl::convolution_backward_data>(
      list(its.algorithm, any(its.src), any(its.weights), any(its.dst), its.window.strides,
           its.window.begin, its.window.end),
      own_scratch(), forward);
}

dnnl::convolution_backward_weights::primitive_desc convolution_backward_weights(
    const dnnl::convolution_forward::primitive_desc& forward, const Convolution& its) {
  return described<dnnl::convolution_backward_weights>(
      list(its.algorithm, any(its.src), any(its.weights), its.bias, any(its.dst),
           its.window.strides, its.window.begin, its.window.end),
      own_scratch(), forward);
}

}  // namespace describe
}  // namespace nn::cpu
