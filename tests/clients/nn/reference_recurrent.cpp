// SPDX-License-Identifier: Apache-2.0
// Recurrent layers as their definitions read, one number at a time.
#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "tests/clients/nn/reference_layers.hpp"

namespace nn::test {
namespace {

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

class Recurrent : public Kernel {
 public:
  Recurrent(const graph::Network& network, int index)
      : layer_(network.layers[static_cast<size_t>(index)]),
        features_(network.layers[static_cast<size_t>(layer_.inputs[0])].out.w),
        hidden_(layer_.out.w),
        gates_(layer_.kind == graph::LayerKind::Lstm ? 4 : 1) {}

  graph::LayerCosts costs() const override {
    const int64_t bytes = layer_.out.elems() * 8;
    return {.output_bytes = bytes,
            .gradient_bytes = bytes,
            .saved_bytes = 5 * bytes,
            .reads_input = true,
            .reads_output = true,
            .forward = {{"only", 0, 0}},
            .backward = {{"only", 0, 0}}};
  }

  void forward(const Buffers& b, const Iteration&, int) override {
    const Values v(b);
    for (int64_t n = 0; n < layer_.out.n; ++n)
      for (int64_t t = 0; t < layer_.out.h; ++t)
        for (int64_t j = 0; j < hidden_; ++j) {
          const auto gate = [&](int64_t g) { return sum(v, n, t, g * hidden_ + j); };
          if (gates_ == 1) {
            v.h[at(n, t, j)] = std::tanh(gate(0));
            continue;
          }
          double* kept = v.saved + 5 * at(n, t, j);
          kept[0] = sigmoid(gate(0));
          kept[1] = sigmoid(gate(1));
          kept[2] = std::tanh(gate(2));
          kept[3] = sigmoid(gate(3));
          kept[4] = kept[0] * kept[2];
          if (t > 0) kept[4] += kept[1] * v.saved[5 * at(n, t - 1, j) + 4];
          v.h[at(n, t, j)] = kept[3] * std::tanh(kept[4]);
        }
  }

  void backward(const Buffers& b, const Iteration&, int) override {
    const Values v(b);
    const int64_t wide = gates_ * hidden_;
    std::fill_n(to(b.parameter_gradients[0]), wide * features_, 0.0);
    std::fill_n(to(b.parameter_gradients[1]), wide * hidden_, 0.0);
    for (const size_t bias : {size_t{2}, size_t{3}})
      std::fill_n(to(b.parameter_gradients[bias]), wide, 0.0);
    if (double* dx = to(b.input_gradients[0]))
      std::fill_n(dx, layer_.out.n * layer_.out.h * features_, 0.0);
    for (int64_t n = 0; n < layer_.out.n; ++n) {
      std::vector<double> dh(static_cast<size_t>(hidden_), 0), dc = dh;
      for (int64_t t = layer_.out.h - 1; t >= 0; --t) {
        std::vector<double> before(static_cast<size_t>(hidden_), 0);
        for (int64_t j = 0; j < hidden_; ++j) {
          const auto place = static_cast<size_t>(j);
          const auto* dy = static_cast<const double*>(b.output_gradients[0]);
          const double whole = dy[at(n, t, j)] + dh[place];
          for (int64_t g = 0; g < gates_; ++g)
            spread(b, n, t, g * hidden_ + j, of_gate(v, n, t, j, g, whole, dc[place]), before);
          if (gates_ == 4)
            dc[place] = of_cell(v, n, t, j, whole, dc[place]) * v.saved[5 * at(n, t, j) + 1];
        }
        dh = before;
      }
    }
  }

 private:
  static double* to(void* buffer) { return static_cast<double*>(buffer); }

  struct Values {
    explicit Values(const Buffers& b)
        : x(static_cast<const double*>(b.inputs[0])), h(to(b.output)), saved(to(b.saved)) {
      for (size_t i = 0; i < 4; ++i) p.at(i) = to(b.parameters[i]);
    }
    const double* x;
    double* h;
    double* saved;               // input, forget, cell, output, and the sum: five numbers a place
    std::array<double*, 4> p{};  // weight_ih, weight_hh, bias_ih, bias_hh
  };

  int64_t at(int64_t n, int64_t t, int64_t j) const { return (n * layer_.out.h + t) * hidden_ + j; }

  double sum(const Values& v, int64_t n, int64_t t, int64_t row) const {
    double s = v.p[2][row] + v.p[3][row];
    for (int64_t k = 0; k < features_; ++k)
      s += v.p[0][row * features_ + k] * v.x[(n * layer_.out.h + t) * features_ + k];
    for (int64_t k = 0; k < hidden_ && t > 0; ++k)
      s += v.p[1][row * hidden_ + k] * v.h[at(n, t - 1, k)];
    return s;
  }

  double of_cell(const Values& v, int64_t n, int64_t t, int64_t j, double whole, double dc) const {
    const double* kept = v.saved + 5 * at(n, t, j);
    const double bent = std::tanh(kept[4]);
    return dc + whole * kept[3] * (1 - bent * bent);
  }

  // d loss / d what goes into the gate's function.
  double of_gate(const Values& v, int64_t n, int64_t t, int64_t j, int64_t gate, double whole,
                 double dc) const {
    if (gates_ == 1) return whole * (1 - std::pow(v.h[at(n, t, j)], 2));
    const double* kept = v.saved + 5 * at(n, t, j);
    const double cell = of_cell(v, n, t, j, whole, dc);
    switch (gate) {
      case 0:
        return cell * kept[2] * kept[0] * (1 - kept[0]);
      case 1:
        return t == 0 ? 0 : cell * v.saved[5 * at(n, t - 1, j) + 4] * kept[1] * (1 - kept[1]);
      case 2:
        return cell * kept[0] * (1 - kept[2] * kept[2]);
      default:
        return whole * std::tanh(kept[4]) * kept[3] * (1 - kept[3]);
    }
  }

  void spread(const Buffers& b, int64_t n, int64_t t, int64_t row, double d,
              std::vector<double>& before) const {
    const Values v(b);
    const int64_t x = (n * layer_.out.h + t) * features_;
    for (const size_t bias : {size_t{2}, size_t{3}}) to(b.parameter_gradients[bias])[row] += d;
    for (int64_t k = 0; k < features_; ++k) {
      to(b.parameter_gradients[0])[row * features_ + k] += d * v.x[x + k];
      if (double* dx = to(b.input_gradients[0])) dx[x + k] += d * v.p[0][row * features_ + k];
    }
    for (int64_t k = 0; k < hidden_ && t > 0; ++k) {
      to(b.parameter_gradients[1])[row * hidden_ + k] += d * v.h[at(n, t - 1, k)];
      before[static_cast<size_t>(k)] += d * v.p[1][row * hidden_ + k];
    }
  }

  graph::Layer layer_;
  int64_t features_, hidden_, gates_;
};

}  // namespace

std::unique_ptr<Kernel> make_recurrent(const graph::Network& network, int layer) {
  return std::make_unique<Recurrent>(network, layer);
}

}  // namespace nn::test
