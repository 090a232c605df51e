// SPDX-License-Identifier: Apache-2.0
// The GPU's layers through their library, as the programs open it: beside the reference layers, and beside the processor's over
// training steps. On the stand-in, or on a real GPU (label gpu_clients).
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "clients/nn/run/sgd.hpp"
#include "clients/nn/sets/layer_sets.hpp"
#include "tests/clients/nn/agreement.hpp"

namespace nn::test {
namespace {

std::unique_ptr<LayerSet> gpu(const std::string& convolution = "") {
  return layers_on("cuda:0", {.convolution = convolution, .norms = {}});
}

// The stand-in sums in double precision. A real cuDNN rounds each step, in transforms more than in sums.
double tolerance() { return std::getenv("NN_TEST_GPU_IS_REAL") == nullptr ? 5e-6 : 3e-5; }

class Layers : public testing::TestWithParam<std::string> {};
class Networks : public testing::TestWithParam<std::string> {};

TEST_P(Layers, AgreeWithReference) {
  Expected expected(GetParam(), 0);
  for (const char* convolution : {"", "direct", "winograd", "gemm", "fft"}) {
    SCOPED_TRACE(convolution);
    expect_same(expected, GetParam(), *gpu(convolution), 0, tolerance());
  }
}

TEST_P(Networks, AgreeWithReference) {
  Expected expected(GetParam(), kAwayFromCorners);
  expect_same(expected, GetParam(), *gpu(), kAwayFromCorners, 1e-4);
}

TEST_P(Layers, EvaluateAsTheProcessors) {
  expect_same_evaluation<float>(named(GetParam()), cpu::CpuLayers(), *gpu());
}

// A kernel with one of its algorithms alone, each way.
class Only : public Kernel {
 public:
  Only(std::unique_ptr<Kernel> kernel, size_t way) : kernel_(std::move(kernel)) {
    costs_ = kernel_->costs();
    forward_ = way % costs_.forward.size();
    backward_ = way % costs_.backward.size();
    costs_.forward = {costs_.forward[forward_]};
    costs_.backward = {costs_.backward[backward_]};
  }
  graph::LayerCosts costs() const override { return costs_; }
  void forward(const Buffers& buffers, const Iteration& iteration, int) override {
    kernel_->forward(buffers, iteration, static_cast<int>(forward_));
  }
  void backward(const Buffers& buffers, const Iteration& iteration, int) override {
    kernel_->backward(buffers, iteration, static_cast<int>(backward_));
  }

 private:
  std::unique_ptr<Kernel> kernel_;
  graph::LayerCosts costs_;
  size_t forward_, backward_;
};

class OneWay : public LayerSet {
 public:
  explicit OneWay(size_t way) : set_(gpu()), way_(way) {}
  int64_t element_bytes() const override { return set_->element_bytes(); }
  std::shared_ptr<Device> device() const override { return set_->device(); }
  std::unique_ptr<Kernel> make(const graph::Network& network, int layer) const override {
    return std::make_unique<Only>(set_->make(network, layer), way_);
  }

 private:
  std::unique_ptr<LayerSet> set_;
  size_t way_;
};

// Whatever the memory scheduler chooses is the same layer.
TEST(Algorithms, AreAllTheSameLayer) {
  size_t ways = 0;
  const Compiled compiled = compile(named("conv"), *gpu());
  for (const graph::LayerCosts& layer : compiled.costs.layers)
    ways = std::max({ways, layer.forward.size(), layer.backward.size()});
  EXPECT_GT(ways, 4U);
  Expected expected("conv", 0);
  for (size_t way = 0; way < ways; ++way) {
    SCOPED_TRACE(way);
    expect_same(expected, "conv", OneWay(way), 0, tolerance());
  }
}

struct Course {
  std::vector<double> losses;
  std::vector<float> values;
};

Course train(const std::string& net, const LayerSet& set, const SgdOptions& options) {
  Trial<float> run(named(net), set);
  Sgd sgd(run.executor.parameters(), options);
  Course course;
  for (int step = 0; step < 5; ++step) {
    run.iteration.seed = static_cast<uint64_t>(step);
    course.losses.push_back(run.train());
    sgd.step({0, run.executor.parameters().trained_elems()}, 0.005);
  }
  course.values = run.values_on_host();
  return course;
}

// Rates are so small because at larger ones a last bit is another curve after a few steps, from one of the processor's ways to convolve to
// another as well.
TEST(Training, GoesAsOnTheProcessor) {
  for (const char* net : {"lenet", "dropout", "lstm"}) {
    for (const bool nesterov : {false, true}) {
      const SgdOptions options{.momentum = 0.9, .weight_decay = 1e-3, .nesterov = nesterov};
      const Course expected = train(net, cpu::CpuLayers(), options);
      const Course ours = train(net, *gpu(), options);
      for (size_t i = 0; i < expected.losses.size(); ++i)
        EXPECT_NEAR(ours.losses[i], expected.losses[i],
                    2 * tolerance() * std::max(1.0, expected.losses[i]))
            << net << i;
      double apart = 0, length = 0;
      for (size_t i = 0; i < expected.values.size(); ++i) {
        apart += std::pow(static_cast<double>(ours.values[i] - expected.values[i]), 2);
        length += std::pow(static_cast<double>(expected.values[i]), 2);
      }
      EXPECT_LE(std::sqrt(apart), 2 * tolerance() * std::sqrt(length)) << net;
    }
  }
}

TEST(Training, RepeatsItself) {
  const Course one = train("inception-a", *gpu(), {}), other = train("inception-a", *gpu(), {});
  EXPECT_EQ(one.losses, other.losses);
  EXPECT_EQ(one.values, other.values);
}

const auto kNameOf = [](const auto& info) {
  std::string name = info.param;
  for (char& c : name)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  return name;
};
INSTANTIATE_TEST_SUITE_P(Kinds, Layers, testing::ValuesIn(layer_kinds()), kNameOf);
INSTANTIATE_TEST_SUITE_P(Zoo, Networks, testing::ValuesIn(zoo()), kNameOf);

}  // namespace
}  // namespace nn::test
