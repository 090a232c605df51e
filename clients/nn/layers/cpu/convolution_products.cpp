// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>

#include <blasx/cblas.h>

#include "clients/nn/layers/cpu/convolution.hpp"
#include "clients/nn/layers/cpu/dnnl_use.hpp"

namespace nn::cpu {
namespace {

class ByProducts : public ConvolutionWay {
 public:
  ByProducts(const graph::Network& network, int layer)
      : layer_(layer_of(network, layer)), in_(input_of(network, layer).out) {
    const bool same = layer_.kernel_h == 1 && layer_.kernel_w == 1 && layer_.stride == 1 &&
                      layer_.pad_h == 0 && layer_.pad_w == 0;
    depth_ = in_.c * layer_.kernel_h * layer_.kernel_w;
    places_ = layer_.out.h * layer_.out.w;
    columns_elems_ = same ? 0 : depth_ * places_;
  }

  std::string name() const override { return "gemm"; }
  int64_t forward_bytes() const override {
    return columns_elems_ * static_cast<int64_t>(sizeof(float));
  }
  int64_t backward_bytes() const override { return forward_bytes(); }

  void forward(const Buffers& buffers) override {
    const auto* weights = static_cast<const float*>(buffers.parameters[0]);
    for (int64_t image = 0; image < in_.n; ++image) {
      float* out = static_cast<float*>(buffers.output) + image * layer_.out.c * places_;
      const float* columns = columns_of(buffers, image);
      if (layer_.bias) {
        const auto* bias = static_cast<const float*>(buffers.parameters[1]);
        for (int64_t c = 0; c < layer_.out.c; ++c) std::fill_n(out + c * places_, places_, bias[c]);
      }
      cblas_sgemm_64(CblasRowMajor, CblasNoTrans, CblasNoTrans, layer_.out.c, places_, depth_, 1,
                     weights, depth_, columns, places_, layer_.bias ? 1 : 0, out, places_);
    }
  }

  void backward(const Buffers& buffers) override {
    const auto* weights = static_cast<const float*>(buffers.parameters[0]);
    auto* weight_gradient = static_cast<float*>(buffers.parameter_gradients[0]);
    const int64_t out_elems = layer_.out.c * places_;
    if (layer_.bias) sum_places(buffers);
    for (int64_t image = 0; image < in_.n; ++image) {
      const float* gradient =
          static_cast<const float*>(buffers.output_gradients[0]) + image * out_elems;
      const float* columns = columns_of(buffers, image);
      cblas_sgemm_64(CblasRowMajor, CblasNoTrans, CblasTrans, layer_.out.c, depth_, places_, 1,
                     gradient, places_, columns, places_, image == 0 ? 0 : 1, weight_gradient,
                     depth_);
      if (buffers.input_gradients[0] == nullptr) continue;
      float* target =
          static_cast<float*>(buffers.input_gradients[0]) + image * in_.c * in_.h * in_.w;
      float* spread = columns_elems_ > 0 ? static_cast<float*>(buffers.workspace) : target;
      cblas_sgemm_64(CblasRowMajor, CblasTrans, CblasNoTrans, depth_, places_, layer_.out.c, 1,
                     weights, depth_, gradient, places_, 0, spread, places_);
      if (columns_elems_ > 0) gather(spread, target);
    }
  }

 private:
  // Calls row(channel's plane offset, input row offset or -1, output row of the matrix) for each row of the column matrix's rows.
  template <class Row>
  void each_row(const Row& row) const {
    int64_t line = 0;
    for (int64_t c = 0; c < in_.c; ++c)
      for (int64_t kh = 0; kh < layer_.kernel_h; ++kh)
        for (int64_t kw = 0; kw < layer_.kernel_w; ++kw, ++line)
          for (int64_t y = 0; y < layer_.out.h; ++y) {
            const int64_t in_y = y * layer_.stride - layer_.pad_h + kh;
            const bool inside = in_y >= 0 && in_y < in_.h;
            row(inside ? (c * in_.h + in_y) * in_.w : -1, kw - layer_.pad_w,
                line * places_ + y * layer_.out.w);
          }
  }

  // Output columns [first, last) whose input column x * stride + shift lies inside.
  std::pair<int64_t, int64_t> inside(int64_t shift) const {
    const int64_t first = shift >= 0 ? 0 : (-shift + layer_.stride - 1) / layer_.stride;
    const int64_t last = in_.w - shift <= 0 ? 0 : (in_.w - shift - 1) / layer_.stride + 1;
    return {std::min(first, layer_.out.w), std::clamp(last, int64_t{0}, layer_.out.w)};
  }

  const float* columns_of(const Buffers& buffers, int64_t image) const {
    const float* in = static_cast<const float*>(buffers.inputs[0]) + image * in_.c * in_.h * in_.w;
    if (columns_elems_ == 0) return in;
    auto* columns = static_cast<float*>(buffers.workspace);
    each_row([&](int64_t from, int64_t shift, int64_t to) {
      float* line = columns + to;
      if (from < 0) {
        std::fill_n(line, layer_.out.w, 0.0F);
        return;
      }
      const auto [first, last] = inside(shift);
      std::fill(line, line + first, 0.0F);
      const float* source = in + from + shift;
      if (layer_.stride == 1 && last > first)
        std::copy(source + first, source + last, line + first);
      else
        for (int64_t x = first; x < last; ++x) line[x] = source[x * layer_.stride];
      std::fill(line + std::max(first, last), line + layer_.out.w, 0.0F);
    });
    return columns;
  }

  void gather(const float* columns, float* target) const {
    std::fill_n(target, in_.c * in_.h * in_.w, 0.0F);
    each_row([&](int64_t to, int64_t shift, int64_t from) {
      if (to < 0) return;
      const auto [first, last] = inside(shift);
      for (int64_t x = first; x < last; ++x)
        target[to + shift + x * layer_.stride] += columns[from + x];
    });
  }

  void sum_places(const Buffers& buffers) const {
    auto* bias_gradient = static_cast<float*>(buffers.parameter_gradients[1]);
    const auto* gradient = static_cast<const float*>(buffers.output_gradients[0]);
    for (int64_t c = 0; c < layer_.out.c; ++c) {
      double sum = 0;
      for (int64_t image = 0; image < in_.n; ++image)
        for (int64_t place = 0; place < places_; ++place)
          sum += gradient[(image * layer_.out.c + c) * places_ + place];
      bias_gradient[c] = static_cast<float>(sum);
    }
  }

  graph::Layer layer_;
  graph::Shape in_;
  int64_t depth_ = 0;   // rows of the matrix of an image
  int64_t places_ = 0;  // its columns
  int64_t columns_elems_ = 0;
};

}  // namespace

std::unique_ptr<ConvolutionWay> by_products(const graph::Network& network, int layer) {
  return std::make_unique<ByProducts>(network, layer);
}

}  // namespace nn::cpu
