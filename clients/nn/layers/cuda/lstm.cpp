// SPDX-License-Identifier: Apache-2.0
#include "clients/nn/layers/cuda/kernels.hpp"
#include "clients/nn/layers/cuda/recurrence.hpp"

namespace nn::cuda {
namespace {

// Hochreiter, Schmidhuber 1997; Gers, Schmidhuber, Cummins 2000: the layer that clients/nn/layers/cpu/lstm.cpp writes element by
// element, a call for each product and function of a step's elements here. Saved: the gates after their functions, and the cells.
class Lstm : public Kernel {
 public:
  Lstm(const graph::Network& network, int index, CudaDevice& device)
      : layer_(layer_of(network, index)),
        device_(device),
        all_(network, index, device),
        hidden_(all_.hidden()),
        gate_(matrix(all_.samples(), hidden_, all_.pitch(4 * hidden_))),
        two_gates_(matrix(all_.samples(), 2 * hidden_, all_.pitch(4 * hidden_))),
        rows_(matrix(all_.samples(), hidden_, all_.pitch(hidden_))),
        dense_(matrix(all_.samples(), hidden_, hidden_)),
        sigmoid_(activation(CUDNN_ACTIVATION_SIGMOID)),
        tanh_(activation(CUDNN_ACTIVATION_TANH)),
        product_(product_of_elements()) {}

  graph::LayerCosts costs() const override {
    const int64_t out = layer_.out.elems();
    return costs_of(layer_, {.reads_input = true,
                             .reads_output = true,
                             .saved_bytes = (4 * out + out) * kFloat,
                             .backward_bytes = (4 * out + 5 * step_elems()) * kFloat});
  }

  void forward(const Buffers& buffers, const Iteration&, int) override {
    auto* gates = static_cast<float*>(buffers.saved);
    float* all_cells = gates + 4 * layer_.out.elems();
    all_.from_inputs(buffers, gates);
    for (int64_t step = 0; step < all_.steps(); ++step) {
      all_.from_before(buffers, step, gates);
      float* g = gates + Recurrence::row(step, 4 * hidden_);
      const int64_t row = Recurrence::row(step, hidden_);
      float *cells = all_cells + row, *out = static_cast<float*>(buffers.output) + row;
      apply(sigmoid_, two_gates_, g, two_gates_, g);
      apply(tanh_, gate_, g + 2 * hidden_, gate_, g + 2 * hidden_);
      apply(sigmoid_, gate_, g + 3 * hidden_, gate_, g + 3 * hidden_);
      multiply(gate_, g, gate_, g + 2 * hidden_, 0, rows_, cells);
      if (step > 0) multiply(gate_, g + hidden_, rows_, cells - hidden_, 1, rows_, cells);
      apply(tanh_, rows_, cells, rows_, out);
      multiply(rows_, out, gate_, g + 3 * hidden_, 0, rows_, out);
    }
  }

  void backward(const Buffers& buffers, const Iteration&, int) override {
    const auto* gates = static_cast<const float*>(buffers.saved);
    const float* all_cells = gates + 4 * layer_.out.elems();
    auto* dpre = static_cast<float*>(buffers.workspace);
    float* dh = dpre + 4 * layer_.out.elems();  // from the step behind, as dc
    float* dc = dh + step_elems();
    float *bent = dc + step_elems(), *whole = bent + step_elems(), *through = whole + step_elems();
    for (int64_t step = all_.steps() - 1; step >= 0; --step) {
      const bool last = step + 1 == all_.steps();
      const float* g = gates + Recurrence::row(step, 4 * hidden_);
      float* d = dpre + Recurrence::row(step, 4 * hidden_);
      const float* cells = all_cells + Recurrence::row(step, hidden_);
      all_.whole_gradient(buffers, step, dh, whole, hidden_);
      apply(tanh_, rows_, cells, dense_, bent);
      multiply(dense_, whole, dense_, bent, 0, gate_, d + 3 * hidden_);
      derive(sigmoid_, gate_, g + 3 * hidden_, d + 3 * hidden_);
      multiply(dense_, whole, gate_, g + 3 * hidden_, 0, dense_, through);
      derive(tanh_, dense_, bent, through);
      if (last)
        device_.copy(dc, through, step_elems() * kFloat);
      else
        device_.combine(1, dc, 1, through, step_elems());
      multiply(dense_, dc, gate_, g + 2 * hidden_, 0, gate_, d);
      derive(sigmoid_, gate_, g, d);
      multiply(dense_, dc, gate_, g, 0, gate_, d + 2 * hidden_);
      derive(tanh_, gate_, g + 2 * hidden_, d + 2 * hidden_);
      if (step > 0) {
        multiply(dense_, dc, rows_, cells - hidden_, 0, gate_, d + hidden_);
        derive(sigmoid_, gate_, g + hidden_, d + hidden_);
      } else {
        device_.clear_rows(d + hidden_, all_.pitch(4 * hidden_) * kFloat, hidden_ * kFloat,
                           all_.samples());
      }
      multiply(dense_, dc, gate_, g + hidden_, 0, dense_, dc);
      if (step > 0) all_.to_before(buffers, step, dpre, dh);
    }
    all_.gradients(buffers, dpre);
  }

 private:
  static constexpr int64_t kFloat = sizeof(float);
  int64_t step_elems() const { return all_.samples() * hidden_; }

  void apply(const Activation& function, const Tensor& from, const float* x, const Tensor& to,
             float* y) {
    check(cudnnActivationForward(device_.dnn(), function.get(), &kOne, from.get(), x, &kZero,
                                 to.get(), y),
          "cudnnActivationForward");
  }
  // d times the function's derivative where it gave y, in place.
  void derive(const Activation& function, const Tensor& shape, const float* y, float* d) {
    check(cudnnActivationBackward(device_.dnn(), function.get(), &kOne, shape.get(), y, shape.get(),
                                  d, shape.get(), y, &kZero, shape.get(), d),
          "cudnnActivationBackward");
  }
  // z = x y + beta z by elements; z may be x.
  void multiply(const Tensor& of_x, const float* x, const Tensor& of_y, const float* y, float beta,
                const Tensor& of_z, float* z) {
    check(cudnnOpTensor(device_.dnn(), product_.get(), &kOne, of_x.get(), x, &kOne, of_y.get(), y,
                        &beta, of_z.get(), z),
          "cudnnOpTensor");
  }

  graph::Layer layer_;
  CudaDevice& device_;
  Recurrence all_;
  int64_t hidden_;
  Tensor gate_, two_gates_;  // one of a step's gates among the four, and the first two
  Tensor rows_;              // a step's rows of outputs or cells
  Tensor dense_;             // samples x hidden
  Activation sigmoid_, tanh_;
  ElementWise product_;
};

}  // namespace

std::unique_ptr<Kernel> make_lstm(const graph::Network& network, int layer, CudaDevice& device) {
  return std::make_unique<Lstm>(network, layer, device);
}

}  // namespace nn::cuda
