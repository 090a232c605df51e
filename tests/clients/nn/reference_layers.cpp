// SPDX-License-Identifier: Apache-2.0
#include "tests/clients/nn/reference_layers.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "clients/nn/layers/dropout_mask.hpp"

namespace nn::test {
namespace {

using graph::LayerKind;
using graph::Shape;

size_t at(int64_t index) { return static_cast<size_t>(index); }
const double* in(const Buffers& b, size_t i = 0) { return static_cast<const double*>(b.inputs[i]); }
double* out(const Buffers& b) { return static_cast<double*>(b.output); }
double* param(const Buffers& b, size_t i) { return static_cast<double*>(b.parameters[i]); }
double* dparam(const Buffers& b, size_t i) {
  return static_cast<double*>(b.parameter_gradients[i]);
}
const double* dout(const Buffers& b, size_t i = 0) {
  return static_cast<const double*>(b.output_gradients[i]);
}
double* din(const Buffers& b, size_t i = 0) { return static_cast<double*>(b.input_gradients[i]); }

// Every kind keeps all it may want: inputs and output are read, saved holds doubles of the layer's own.
class Reference : public Kernel {
 public:
  Reference(const graph::Network& network, int index)
      : layer_(network.layers[at(index)]), index_(index), y_(layer_.out) {
    for (const int input : layer_.inputs) shapes_.push_back(network.layers[at(input)].out);
    if (!shapes_.empty()) x_ = shapes_[0];
  }

  graph::LayerCosts costs() const override {
    const int64_t bytes = y_.elems() * 8;
    return {.output_bytes = bytes,
            .gradient_bytes = bytes,
            .saved_bytes = layer_.kind == LayerKind::BatchNorm ? 2 * y_.c * 8 : 0,
            .reads_input = true,
            .reads_output = true,
            .forward = {{"only", 0, 0}},
            .backward = {{"only", 0, 0}}};
  }

  void forward(const Buffers& b, const Iteration& it, int) override {
    switch (layer_.kind) {
      case LayerKind::Data:
        return;
      case LayerKind::Conv:
        return conv_forward(b);
      case LayerKind::Fc:
        return fc_forward(b);
      case LayerKind::MaxPool:
      case LayerKind::AvgPool:
        return pool_forward(b);
      case LayerKind::Lrn:
        return lrn_forward(b);
      case LayerKind::BatchNorm:
        return norm_forward(b, it);
      case LayerKind::Relu:
        for (int64_t i = 0; i < y_.elems(); ++i) out(b)[i] = std::max(0.0, in(b)[i]);
        return;
      case LayerKind::Dropout:
        return drop(in(b), out(b), it);
      case LayerKind::SoftmaxLoss:
        return loss_forward(b, it);
      case LayerKind::Concat:
        return concat_forward(b);
      case LayerKind::Add:
        for (int64_t i = 0; i < y_.elems(); ++i) {
          out(b)[i] = 0;
          for (size_t part = 0; part < shapes_.size(); ++part) out(b)[i] += in(b, part)[i];
        }
        return;
      case LayerKind::Fork:
        std::copy_n(in(b), y_.elems(), out(b));
        return;
      case LayerKind::LastStep:
        for (int64_t n = 0; n < y_.n; ++n)
          std::copy_n(in(b) + place(x_, n, 0, x_.h - 1, 0), y_.w, out(b) + n * y_.w);
        return;
      case LayerKind::Rnn:
      case LayerKind::Lstm:
        return;  // make_recurrent's
    }
  }

  void backward(const Buffers& b, const Iteration& it, int) override {
    switch (layer_.kind) {
      case LayerKind::Data:
        return;
      case LayerKind::Conv:
        return conv_backward(b);
      case LayerKind::Fc:
        return fc_backward(b);
      default:
        break;
    }
    if (b.input_gradients[0] == nullptr && layer_.kind != LayerKind::BatchNorm) return;
    switch (layer_.kind) {
      case LayerKind::MaxPool:
      case LayerKind::AvgPool:
        return pool_backward(b);
      case LayerKind::Lrn:
        return lrn_backward(b);
      case LayerKind::BatchNorm:
        return norm_backward(b);
      case LayerKind::Relu:
        for (int64_t i = 0; i < y_.elems(); ++i) din(b)[i] = in(b)[i] > 0 ? dout(b)[i] : 0;
        return;
      case LayerKind::Dropout:
        return drop(dout(b), din(b), it);
      case LayerKind::SoftmaxLoss:
        return loss_backward(b, it);
      case LayerKind::Concat:
        return concat_backward(b);
      case LayerKind::Add:
        for (size_t part = 0; part < shapes_.size(); ++part)
          std::copy_n(dout(b), y_.elems(), din(b, part));
        return;
      case LayerKind::LastStep:
        std::fill_n(din(b), x_.elems(), 0.0);
        for (int64_t n = 0; n < y_.n; ++n)
          std::copy_n(dout(b) + n * y_.w, y_.w, din(b) + place(x_, n, 0, x_.h - 1, 0));
        return;
      case LayerKind::Fork:
        for (int64_t i = 0; i < y_.elems(); ++i) {
          din(b)[i] = 0;
          for (size_t j = 0; j < b.output_gradients.size(); ++j) din(b)[i] += dout(b, j)[i];
        }
        return;
      default:
        return;
    }
  }

 private:
  static int64_t place(const Shape& s, int64_t n, int64_t c, int64_t h, int64_t w) {
    return ((n * s.c + c) * s.h + h) * s.w + w;
  }
  template <class F>
  void each_output(const F& f) const {
    for (int64_t n = 0; n < y_.n; ++n)
      for (int64_t c = 0; c < y_.c; ++c)
        for (int64_t h = 0; h < y_.h; ++h)
          for (int64_t w = 0; w < y_.w; ++w) f(n, c, h, w, place(y_, n, c, h, w));
  }
  // f(input row, input column) for the part of the window that is no padding.
  template <class F>
  void each_inside(int64_t h, int64_t w, const F& f) const {
    for (int64_t kh = 0; kh < layer_.kernel_h; ++kh)
      for (int64_t kw = 0; kw < layer_.kernel_w; ++kw) {
        const int64_t y = h * layer_.stride - layer_.pad_h + kh;
        const int64_t x = w * layer_.stride - layer_.pad_w + kw;
        if (y >= 0 && y < x_.h && x >= 0 && x < x_.w) f(y, x);
      }
  }

  // f(outputs, inputs, elements, weight): rows whose elements meet in one weight; inputs are a stride apart.
  template <class F>
  void each_row(const F& f) const {
    const auto first_of = [&](int64_t shift) {
      return std::max<int64_t>(0, (-shift + layer_.stride - 1) / layer_.stride);
    };
    for (int64_t n = 0; n < y_.n; ++n)
      for (int64_t c = 0; c < y_.c; ++c)
        for (int64_t ci = 0; ci < x_.c; ++ci)
          for (int64_t kh = 0; kh < layer_.kernel_h; ++kh)
            for (int64_t kw = 0; kw < layer_.kernel_w; ++kw) {
              const int64_t weight =
                  ((c * x_.c + ci) * layer_.kernel_h + kh) * layer_.kernel_w + kw;
              const int64_t first = first_of(kw - layer_.pad_w);
              for (int64_t h = 0; h < y_.h; ++h) {
                const int64_t y = h * layer_.stride - layer_.pad_h + kh;
                const int64_t x = first * layer_.stride - layer_.pad_w + kw;
                if (y < 0 || y >= x_.h || x >= x_.w) continue;
                const int64_t count = std::min(y_.w - first, (x_.w - 1 - x) / layer_.stride + 1);
                f(place(y_, n, c, h, first), place(x_, n, ci, y, x), count, weight);
              }
            }
  }
  void conv_forward(const Buffers& b) const {
    each_output([&](int64_t, int64_t c, int64_t, int64_t, int64_t o) {
      out(b)[o] = layer_.bias ? param(b, 1)[c] : 0;
    });
    each_row([&](int64_t o, int64_t i, int64_t count, int64_t k) {
      const double* from = in(b) + i;
      double* to = out(b) + o;
      const double weight = param(b, 0)[k];
      for (int64_t j = 0; j < count; ++j) to[j] += from[j * layer_.stride] * weight;
    });
  }
  void conv_backward(const Buffers& b) const {
    std::fill_n(dparam(b, 0), y_.c * x_.c * layer_.kernel_h * layer_.kernel_w, 0.0);
    each_row([&](int64_t o, int64_t i, int64_t count, int64_t k) {
      double sum = 0;
      for (int64_t j = 0; j < count; ++j) sum += dout(b)[o + j] * in(b)[i + j * layer_.stride];
      dparam(b, 0)[k] += sum;
    });
    if (layer_.bias) {
      std::fill_n(dparam(b, 1), y_.c, 0.0);
      each_output(
          [&](int64_t, int64_t c, int64_t, int64_t, int64_t o) { dparam(b, 1)[c] += dout(b)[o]; });
    }
    if (din(b) == nullptr) return;
    std::fill_n(din(b), x_.elems(), 0.0);
    each_row([&](int64_t o, int64_t i, int64_t count, int64_t k) {
      const double weight = param(b, 0)[k];
      for (int64_t j = 0; j < count; ++j) din(b)[i + j * layer_.stride] += dout(b)[o + j] * weight;
    });
  }

  void fc_forward(const Buffers& b) const {
    const int64_t depth = x_.elems() / x_.n;
    for (int64_t n = 0; n < y_.n; ++n)
      for (int64_t c = 0; c < y_.c; ++c) {
        double sum = layer_.bias ? param(b, 1)[c] : 0;
        for (int64_t i = 0; i < depth; ++i)
          sum += in(b)[n * depth + i] * param(b, 0)[c * depth + i];
        out(b)[n * y_.c + c] = sum;
      }
  }
  void fc_backward(const Buffers& b) const {
    const int64_t depth = x_.elems() / x_.n;
    std::fill_n(dparam(b, 0), y_.c * depth, 0.0);
    if (layer_.bias) std::fill_n(dparam(b, 1), y_.c, 0.0);
    if (din(b) != nullptr) std::fill_n(din(b), x_.elems(), 0.0);
    for (int64_t n = 0; n < y_.n; ++n)
      for (int64_t c = 0; c < y_.c; ++c) {
        const double g = dout(b)[n * y_.c + c];
        if (layer_.bias) dparam(b, 1)[c] += g;
        for (int64_t i = 0; i < depth; ++i) {
          dparam(b, 0)[c * depth + i] += g * in(b)[n * depth + i];
          if (din(b) != nullptr) din(b)[n * depth + i] += g * param(b, 0)[c * depth + i];
        }
      }
  }

  void pool_forward(const Buffers& b) const {
    const bool max = layer_.kind == LayerKind::MaxPool;
    each_output([&](int64_t n, int64_t c, int64_t h, int64_t w, int64_t o) {
      double result = max ? -std::numeric_limits<double>::infinity() : 0;
      double count = 0;
      each_inside(h, w, [&](int64_t y, int64_t x) {
        const double value = in(b)[place(x_, n, c, y, x)];
        result = max ? std::max(result, value) : result + value;
        ++count;
      });
      out(b)[o] = max ? result : result / count;
    });
  }
  void pool_backward(const Buffers& b) const {
    std::fill_n(din(b), x_.elems(), 0.0);
    each_output([&](int64_t n, int64_t c, int64_t h, int64_t w, int64_t o) {
      double count = 0;
      int64_t first = -1;
      each_inside(h, w, [&](int64_t y, int64_t x) {
        const int64_t i = place(x_, n, c, y, x);
        if (first < 0 && in(b)[i] == out(b)[o]) first = i;
        ++count;
      });
      if (layer_.kind == LayerKind::MaxPool) {
        din(b)[first] += dout(b)[o];
      } else {
        each_inside(h, w, [&](int64_t y, int64_t x) {
          din(b)[place(x_, n, c, y, x)] += dout(b)[o] / count;
        });
      }
    });
  }

  double lrn_base(const Buffers& b, int64_t n, int64_t c, int64_t h, int64_t w) const {
    double sum = 0;
    const int64_t half = (layer_.local_size - 1) / 2;
    for (int64_t j = std::max<int64_t>(0, c - half); j < std::min(x_.c, c + half + 1); ++j)
      sum += std::pow(in(b)[place(x_, n, j, h, w)], 2);
    return layer_.k + layer_.alpha / static_cast<double>(layer_.local_size) * sum;
  }
  void lrn_forward(const Buffers& b) const {
    each_output([&](int64_t n, int64_t c, int64_t h, int64_t w, int64_t o) {
      out(b)[o] = in(b)[o] * std::pow(lrn_base(b, n, c, h, w), -layer_.beta);
    });
  }
  void lrn_backward(const Buffers& b) const {
    std::fill_n(din(b), x_.elems(), 0.0);
    const int64_t half = (layer_.local_size - 1) / 2;
    each_output([&](int64_t n, int64_t c, int64_t h, int64_t w, int64_t o) {
      const double base = lrn_base(b, n, c, h, w);
      din(b)[o] += dout(b)[o] * std::pow(base, -layer_.beta);
      const double common = dout(b)[o] * in(b)[o] * -layer_.beta *
                            std::pow(base, -layer_.beta - 1) * 2 * layer_.alpha /
                            static_cast<double>(layer_.local_size);
      for (int64_t j = std::max<int64_t>(0, c - half); j < std::min(x_.c, c + half + 1); ++j)
        din(b)[place(x_, n, j, h, w)] += common * in(b)[place(x_, n, j, h, w)];
    });
  }

  double per_channel() const { return static_cast<double>(y_.n * y_.h * y_.w); }
  void norm_forward(const Buffers& b, const Iteration& it) const {
    double* mean = it.training ? static_cast<double*>(b.saved) : param(b, 2);
    double* variance = it.training ? mean + y_.c : param(b, 3);
    if (it.training) {
      std::fill_n(mean, 2 * y_.c, 0.0);
      each_output([&](int64_t, int64_t c, int64_t, int64_t, int64_t o) {
        mean[c] += in(b)[o] / per_channel();
      });
      each_output([&](int64_t, int64_t c, int64_t, int64_t, int64_t o) {
        variance[c] += std::pow(in(b)[o] - mean[c], 2) / per_channel();
      });
    }
    each_output([&](int64_t, int64_t c, int64_t, int64_t, int64_t o) {
      out(b)[o] = param(b, 0)[c] * (in(b)[o] - mean[c]) / std::sqrt(variance[c] + layer_.eps) +
                  param(b, 1)[c];
    });
    if (!it.training || !it.update_statistics) return;
    for (int64_t c = 0; c < y_.c; ++c) {
      const double unbiased = variance[c] * per_channel() / (per_channel() - 1);
      param(b, 2)[c] += layer_.momentum * (mean[c] - param(b, 2)[c]);
      param(b, 3)[c] += layer_.momentum * (unbiased - param(b, 3)[c]);
    }
  }
  void norm_backward(const Buffers& b) const {
    const auto* mean = static_cast<const double*>(b.saved);
    std::fill_n(dparam(b, 0), y_.c, 0.0);
    std::fill_n(dparam(b, 1), y_.c, 0.0);
    const auto unit_of = [&](int64_t c, int64_t o) {
      return (in(b)[o] - mean[c]) / std::sqrt(mean[y_.c + c] + layer_.eps);
    };
    each_output([&](int64_t, int64_t c, int64_t, int64_t, int64_t o) {
      dparam(b, 0)[c] += dout(b)[o] * unit_of(c, o);
      dparam(b, 1)[c] += dout(b)[o];
    });
    each_output([&](int64_t, int64_t c, int64_t, int64_t, int64_t o) {
      din(b)[o] = param(b, 0)[c] / std::sqrt(mean[y_.c + c] + layer_.eps) *
                  (dout(b)[o] - dparam(b, 1)[c] / per_channel() -
                   unit_of(c, o) * dparam(b, 0)[c] / per_channel());
    });
  }

  void drop(const double* from, double* to, const Iteration& it) const {
    const DropoutMask mask(it, index_, y_.elems() / y_.n, layer_.ratio);
    for (int64_t i = 0; i < y_.elems(); ++i)
      to[i] = !it.training ? from[i] : mask.keeps(i) ? from[i] / (1 - layer_.ratio) : 0;
  }

  void loss_forward(const Buffers& b, const Iteration& it) const {
    const int64_t classes = y_.elems() / y_.n;
    for (int64_t n = 0; n < y_.n; ++n) {
      const double* x = in(b) + n * classes;
      double* y = out(b) + n * classes;
      const double top = *std::max_element(x, x + classes);
      double sum = 0;
      for (int64_t c = 0; c < classes; ++c) sum += y[c] = std::exp(x[c] - top);
      for (int64_t c = 0; c < classes; ++c) y[c] /= sum;
      if (it.loss_sum == nullptr || it.labels[n] < 0) continue;
      *it.loss_sum -= std::log(y[it.labels[n]]);
      if (std::max_element(y, y + classes) - y == it.labels[n]) ++*it.correct;
    }
  }
  void loss_backward(const Buffers& b, const Iteration& it) const {
    const int64_t classes = y_.elems() / y_.n;
    for (int64_t n = 0; n < y_.n; ++n)
      for (int64_t c = 0; c < classes; ++c)
        din(b)[n * classes + c] =
            it.labels[n] < 0
                ? 0
                : it.gradient_scale * (out(b)[n * classes + c] - (c == it.labels[n] ? 1 : 0));
  }

  template <class F>
  void each_part(const F& f) const {  // f(input, its element, output element)
    int64_t first = 0;
    for (size_t part = 0; part < shapes_.size(); first += shapes_[part].c, ++part)
      for (int64_t n = 0; n < y_.n; ++n)
        for (int64_t i = 0; i < shapes_[part].elems() / y_.n; ++i)
          f(part, n * (shapes_[part].elems() / y_.n) + i, place(y_, n, first, 0, 0) + i);
  }
  void concat_forward(const Buffers& b) const {
    each_part([&](size_t part, int64_t i, int64_t o) { out(b)[o] = in(b, part)[i]; });
  }
  void concat_backward(const Buffers& b) const {
    each_part([&](size_t part, int64_t i, int64_t o) { din(b, part)[i] = dout(b)[o]; });
  }

  graph::Layer layer_;
  int index_;
  Shape y_, x_;
  std::vector<Shape> shapes_;  // of the inputs
};

}  // namespace

std::unique_ptr<Kernel> ReferenceLayers::make(const graph::Network& network, int layer) const {
  if (graph::gates(network.layers[at(layer)].kind) > 0) return make_recurrent(network, layer);
  return std::make_unique<Reference>(network, layer);
}

}  // namespace nn::test
