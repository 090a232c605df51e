// SPDX-License-Identifier: Apache-2.0
#include "clients/nn/layers/cpu/convolution.hpp"

#include <algorithm>

#include "clients/nn/layers/cpu/dnnl_use.hpp"
#include "clients/nn/layers/cpu/kernels.hpp"

namespace nn::cpu {
namespace {

class Convolution : public Kernel {
 public:
  Convolution(const graph::Network& network, int layer, const std::string& first)
      : costs_(costs_of(layer_of(network, layer), {.reads_input = true})) {
    ways_.push_back(by_dnnl(network, layer, dnnl::algorithm::convolution_direct));
    ways_.push_back(by_dnnl(network, layer, dnnl::algorithm::convolution_winograd));
    ways_.push_back(by_products(network, layer));
    std::erase(ways_, nullptr);
    std::stable_sort(ways_.begin(), ways_.end(), [&](const auto& left, const auto& right) {
      return (left->name() == first) > (right->name() == first);
    });
    costs_.forward.clear();
    costs_.backward.clear();
    for (const auto& way : ways_) {
      forward_.push_back(way.get());
      costs_.forward.push_back({way->name(), way->forward_bytes(), 0});
      if (!way->goes_backward()) continue;
      backward_.push_back(way.get());
      costs_.backward.push_back({way->name(), way->backward_bytes(), 0});
    }
  }

  graph::LayerCosts costs() const override { return costs_; }
  void forward(const Buffers& buffers, const Iteration&, int algorithm) override {
    forward_[static_cast<size_t>(algorithm)]->forward(buffers);
  }
  void backward(const Buffers& buffers, const Iteration&, int algorithm) override {
    backward_[static_cast<size_t>(algorithm)]->backward(buffers);
  }

 private:
  graph::LayerCosts costs_;
  std::vector<std::unique_ptr<ConvolutionWay>> ways_;
  std::vector<ConvolutionWay*> forward_;
  std::vector<ConvolutionWay*> backward_;
};

}  // namespace

std::unique_ptr<Kernel> make_convolution(const graph::Network& network, int layer,
                                         const std::string& first) {
  return std::make_unique<Convolution>(network, layer, first);
}

}  // namespace nn::cpu
