// SPDX-License-Identifier: Apache-2.0
// Data, concat, add, fork and last step: layers that move numbers and hardly compute.
#include "clients/nn/layers/cuda/kernels.hpp"

namespace nn::cuda {
namespace {

constexpr int64_t kFloat = sizeof(float);

class Mover : public Kernel {
 public:
  Mover(const graph::Network& network, int index, CudaDevice& device)
      : layer_(layer_of(network, index)), device_(device) {}
  graph::LayerCosts costs() const override { return costs_of(layer_, {}); }

 protected:
  int64_t bytes() const { return layer_.out.elems() * kFloat; }
  // to = the sum of `parts`, in their order.
  template <class Pointer>
  void sum(const std::vector<Pointer>& parts, void* to) {
    const int64_t columns = layer_.out.elems() / layer_.out.n;
    auto* out = static_cast<float*>(to);
    const auto* first = static_cast<const float*>(parts[0]);
    if (parts.size() == 1) return device_.copy(to, first, bytes());
    for (size_t i = 1; i < parts.size(); ++i)
      device_.add(layer_.out.n, columns, i == 1 ? first : out, columns,
                  static_cast<const float*>(parts[i]), columns, out, columns);
  }

  graph::Layer layer_;
  CudaDevice& device_;
};

// Its output is the batch, which the executor puts there.
class Data : public Kernel {
 public:
  Data(const graph::Network& network, int index) : layer_(layer_of(network, index)) {}
  graph::LayerCosts costs() const override { return costs_of(layer_, {}); }
  void forward(const Buffers&, const Iteration&, int) override {}
  void backward(const Buffers&, const Iteration&, int) override {}

 private:
  graph::Layer layer_;
};

class Concat : public Mover {
 public:
  Concat(const graph::Network& network, int index, CudaDevice& device)
      : Mover(network, index, device) {
    for (size_t i = 0; i < layer_.inputs.size(); ++i)
      parts_.push_back(input_of(network, index, i).out.elems() / layer_.out.n * kFloat);
  }

  void forward(const Buffers& buffers, const Iteration&, int) override {
    auto* out = static_cast<std::byte*>(buffers.output);
    for (size_t i = 0; i < parts_.size(); out += parts_[i], ++i)
      device_.copy_rows(out, image(), buffers.inputs[i], parts_[i], parts_[i], layer_.out.n);
  }

  void backward(const Buffers& buffers, const Iteration&, int) override {
    const auto* gradient = static_cast<const std::byte*>(buffers.output_gradients[0]);
    for (size_t i = 0; i < parts_.size(); gradient += parts_[i], ++i)
      if (void* target = buffers.input_gradients[i])
        device_.copy_rows(target, parts_[i], gradient, image(), parts_[i], layer_.out.n);
  }

 private:
  int64_t image() const { return bytes() / layer_.out.n; }
  std::vector<int64_t> parts_;  // bytes of an image in each input
};

class Add : public Mover {
 public:
  using Mover::Mover;
  void forward(const Buffers& buffers, const Iteration&, int) override {
    sum(buffers.inputs, buffers.output);
  }
  void backward(const Buffers& buffers, const Iteration&, int) override {
    for (void* target : buffers.input_gradients)
      if (target != nullptr) device_.copy(target, buffers.output_gradients[0], bytes());
  }
};

class Fork : public Mover {
 public:
  using Mover::Mover;
  void forward(const Buffers& buffers, const Iteration&, int) override {
    device_.copy(buffers.output, buffers.inputs[0], bytes());
  }
  void backward(const Buffers& buffers, const Iteration&, int) override {
    if (buffers.input_gradients[0] != nullptr)
      sum(buffers.output_gradients, buffers.input_gradients[0]);
  }
};

class LastStep : public Mover {
 public:
  LastStep(const graph::Network& network, int index, CudaDevice& device)
      : Mover(network, index, device),
        sample_(input_of(network, index).out.elems() / layer_.out.n * kFloat),
        step_(layer_.out.w * kFloat) {}

  void forward(const Buffers& buffers, const Iteration&, int) override {
    const auto* in = static_cast<const std::byte*>(buffers.inputs[0]);
    device_.copy_rows(buffers.output, step_, in + sample_ - step_, sample_, step_, layer_.out.n);
  }
  void backward(const Buffers& buffers, const Iteration&, int) override {
    auto* to = static_cast<std::byte*>(buffers.input_gradients[0]);
    if (to == nullptr) return;
    device_.clear_rows(to, sample_, sample_, layer_.out.n);
    device_.copy_rows(to + sample_ - step_, sample_, buffers.output_gradients[0], step_, step_,
                      layer_.out.n);
  }

 private:
  int64_t sample_, step_;  // bytes of a sequence and of its last step
};

}  // namespace

std::unique_ptr<Kernel> make_data(const graph::Network& network, int layer) {
  return std::make_unique<Data>(network, layer);
}

std::unique_ptr<Kernel> make_last_step(const graph::Network& network, int layer,
                                       CudaDevice& device) {
  return std::make_unique<LastStep>(network, layer, device);
}

std::unique_ptr<Kernel> make_concat(const graph::Network& network, int layer, CudaDevice& device) {
  return std::make_unique<Concat>(network, layer, device);
}

std::unique_ptr<Kernel> make_add(const graph::Network& network, int layer, CudaDevice& device) {
  return std::make_unique<Add>(network, layer, device);
}

std::unique_ptr<Kernel> make_fork(const graph::Network& network, int layer, CudaDevice& device) {
  return std::make_unique<Fork>(network, layer, device);
}

}  // namespace nn::cuda
