// SPDX-License-Identifier: Apache-2.0
// Data, concat, add, fork and last step: layers that move numbers and hardly compute.
#include <cstring>

#include "clients/nn/layers/cpu/dnnl_use.hpp"
#include "clients/nn/layers/cpu/kernels.hpp"

namespace nn::cpu {
namespace {

size_t bytes_of(int64_t elems) { return static_cast<size_t>(elems) * sizeof(float); }

// Its output is the batch, which the executor puts there.
class Data : public Kernel {
 public:
  explicit Data(const graph::Layer& layer) : layer_(layer) {}
  graph::LayerCosts costs() const override { return costs_of(layer_, {}); }
  void forward(const Buffers&, const Iteration&, int) override {}
  void backward(const Buffers&, const Iteration&, int) override {}

 private:
  graph::Layer layer_;
};

class Concat : public Kernel {
 public:
  Concat(const graph::Network& network, int index) : layer_(layer_of(network, index)) {
    for (size_t i = 0; i < layer_.inputs.size(); ++i)
      parts_.push_back(input_of(network, index, i).out.elems() / layer_.out.n);
  }
  graph::LayerCosts costs() const override { return costs_of(layer_, {}); }

  void forward(const Buffers& buffers, const Iteration&, int) override {
    auto* out = static_cast<float*>(buffers.output);
    for (int64_t image = 0; image < layer_.out.n; ++image)
      for (size_t i = 0; i < parts_.size(); out += parts_[i], ++i)
        std::memcpy(out, static_cast<const float*>(buffers.inputs[i]) + image * parts_[i],
                    bytes_of(parts_[i]));
  }

  void backward(const Buffers& buffers, const Iteration&, int) override {
    const auto* gradient = static_cast<const float*>(buffers.output_gradients[0]);
    for (int64_t image = 0; image < layer_.out.n; ++image)
      for (size_t i = 0; i < parts_.size(); gradient += parts_[i], ++i)
        if (auto* target = static_cast<float*>(buffers.input_gradients[i]))
          std::memcpy(target + image * parts_[i], gradient, bytes_of(parts_[i]));
  }

 private:
  graph::Layer layer_;
  std::vector<int64_t> parts_;  // elements of an image in each input
};

// to = the sum of `parts`, in their order.
template <class Pointer>
void sum(const std::vector<Pointer>& parts, void* to, int64_t elems) {
  auto* out = static_cast<float*>(to);
  std::memcpy(out, parts[0], bytes_of(elems));
  for (size_t i = 1; i < parts.size(); ++i) {
    const auto* part = static_cast<const float*>(parts[i]);
    for (int64_t j = 0; j < elems; ++j) out[j] += part[j];
  }
}

class Add : public Kernel {
 public:
  explicit Add(const graph::Layer& layer) : layer_(layer) {}
  graph::LayerCosts costs() const override { return costs_of(layer_, {}); }
  void forward(const Buffers& buffers, const Iteration&, int) override {
    sum(buffers.inputs, buffers.output, layer_.out.elems());
  }
  void backward(const Buffers& buffers, const Iteration&, int) override {
    for (void* target : buffers.input_gradients)
      if (target != nullptr)
        std::memcpy(target, buffers.output_gradients[0], bytes_of(layer_.out.elems()));
  }

 private:
  graph::Layer layer_;
};

class Fork : public Kernel {
 public:
  explicit Fork(const graph::Layer& layer) : layer_(layer) {}
  graph::LayerCosts costs() const override { return costs_of(layer_, {}); }
  void forward(const Buffers& buffers, const Iteration&, int) override {
    std::memcpy(buffers.output, buffers.inputs[0], bytes_of(layer_.out.elems()));
  }
  void backward(const Buffers& buffers, const Iteration&, int) override {
    if (buffers.input_gradients[0] != nullptr)
      sum(buffers.output_gradients, buffers.input_gradients[0], layer_.out.elems());
  }

 private:
  graph::Layer layer_;
};

class LastStep : public Kernel {
 public:
  LastStep(const graph::Network& network, int index)
      : layer_(layer_of(network, index)), sample_(input_of(network, index).out.elems()) {
    sample_ /= layer_.out.n;
  }
  graph::LayerCosts costs() const override { return costs_of(layer_, {}); }
  void forward(const Buffers& buffers, const Iteration&, int) override {
    const auto* in = static_cast<const float*>(buffers.inputs[0]);
    auto* out = static_cast<float*>(buffers.output);
    const int64_t features = layer_.out.w;
    for (int64_t i = 0; i < layer_.out.n; ++i)
      std::memcpy(out + i * features, in + (i + 1) * sample_ - features, bytes_of(features));
  }
  void backward(const Buffers& buffers, const Iteration&, int) override {
    auto* to = static_cast<float*>(buffers.input_gradients[0]);
    if (to == nullptr) return;
    const auto* gradient = static_cast<const float*>(buffers.output_gradients[0]);
    const int64_t features = layer_.out.w;
    std::memset(to, 0, bytes_of(layer_.out.n * sample_));
    for (int64_t i = 0; i < layer_.out.n; ++i)
      std::memcpy(to + (i + 1) * sample_ - features, gradient + i * features, bytes_of(features));
  }

 private:
  graph::Layer layer_;
  int64_t sample_;  // elements of a sequence
};

}  // namespace

std::unique_ptr<Kernel> make_data(const graph::Network& network, int layer) {
  return std::make_unique<Data>(layer_of(network, layer));
}

std::unique_ptr<Kernel> make_last_step(const graph::Network& network, int layer) {
  return std::make_unique<LastStep>(network, layer);
}

std::unique_ptr<Kernel> make_concat(const graph::Network& network, int layer) {
  return std::make_unique<Concat>(network, layer);
}

std::unique_ptr<Kernel> make_add(const graph::Network& network, int layer) {
  return std::make_unique<Add>(layer_of(network, layer));
}

std::unique_ptr<Kernel> make_fork(const graph::Network& network, int layer) {
  return std::make_unique<Fork>(layer_of(network, layer));
}

}  // namespace nn::cpu
