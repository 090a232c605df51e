// SPDX-License-Identifier: Apache-2.0
// A network with some of all layers, trained for a few batches under plans; what it learns is compared to the bit.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "clients/memsched/plan/planner.hpp"
#include "clients/nn/graph/zoo.hpp"
#include "clients/nn/layers/random.hpp"
#include "clients/nn/run/executor.hpp"

namespace memsched::test {

// Forks and joins, pools, batch norm, and dropout, in few and small layers.
inline nn::graph::Network mixed() {
  using nn::graph::square;
  nn::graph::Builder b("mixed", {16, 3, 16, 16});
  int x = b.max_pool(b.lrn(b.relu(b.conv(0, 8, square(3, 1, 1)))), square(2, 2));
  for (int i = 0; i < 3; ++i) {
    int right = b.relu(b.batch_norm(b.conv(x, 8, square(3, 1, 1), false)));
    right = b.batch_norm(b.conv(right, 8, square(3, 1, 1), false));
    x = b.relu(b.add({right, x}));
  }
  x = b.concat({b.avg_pool(x, square(3, 1, 1)), b.relu(b.conv(x, 8, square(1))), x});
  b.softmax_loss(b.fc(b.dropout(b.relu(b.fc(x, 32)), 0.5F), 10));
  return b.build();
}

struct Curve {
  std::vector<double> losses;
  std::vector<float> weights;
};

class Trainee {
 public:
  Trainee(const nn::graph::Network& network, const nn::LayerSet& set)
      : compiled_(nn::compile(network, set)) {
    // One convolution algorithm: others would sum in another order. Times, for the policies that weigh them.
    for (auto& layer : compiled_.costs.layers) {
      layer.forward.resize(1);
      layer.backward.resize(1);
      layer.forward[0].time_ns = layer.output_bytes;
      layer.backward[0].time_ns = 2 * layer.output_bytes;
    }
    const int64_t elems = network.input().elems();
    for (int64_t i = 0; i < elems * kBatches; ++i)
      images_.push_back(static_cast<float>(nn::normal(3, static_cast<uint64_t>(i))));
    for (int64_t i = 0; i < network.input().n; ++i) labels_.push_back(static_cast<int32_t>(i % 10));
  }

  const nn::graph::Network& network() const { return compiled_.network; }
  const nn::graph::Costs& costs() const { return compiled_.costs; }

  Curve train(nn::graph::MemoryGovernor& governor, const Schedule* schedule = nullptr) {
    nn::Executor executor(compiled_, governor);
    executor.parameters().initialise(5);
    nn::Parameters& parameters = executor.parameters();
    nn::Device& device = *compiled_.device;
    Curve curve;
    for (int step = 0; step < kBatches; ++step) {
      nn::Iteration iteration;
      iteration.seed = static_cast<uint64_t>(step) + 1;
      iteration.labels = labels_.data();
      iteration.gradient_scale = 1.0 / static_cast<double>(labels_.size());
      const float* images = images_.data() + step * network().input().elems();
      curve.losses.push_back(executor.train(images, iteration).loss_sum);
      device.combine(1, parameters.values(), -0.05F, parameters.gradients(),
                     parameters.trained_elems());
    }
    // Running statistics too: a replay must not count a batch twice.
    curve.weights.resize(static_cast<size_t>(parameters.elems()));
    device.download(curve.weights.data(), parameters.values(),
                    parameters.elems() * static_cast<int64_t>(sizeof(float)));
    if (schedule != nullptr) {
      EXPECT_EQ(executor.high_water_bytes(), schedule->arena_bytes);
      EXPECT_EQ(executor.peak_bytes(), schedule->block_peak_bytes);
    }
    return curve;
  }

  Curve train(const Options& options) {
    const auto outcome = plan(network(), costs(), options);
    if (!outcome.schedule) {
      ADD_FAILURE() << to_string(options.switches) << ": " << outcome.why;
      return {};
    }
    EXPECT_EQ(fault_of(*outcome.schedule, network(), costs()), "");
    return train(*memsched::governor(*outcome.schedule), &*outcome.schedule);
  }

 private:
  static constexpr int kBatches = 3;
  nn::Compiled compiled_;
  std::vector<float> images_;
  std::vector<int32_t> labels_;
};

template <typename T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0;
}

inline void expect_same(const Curve& curve, const Curve& plain, const std::string& with) {
  EXPECT_TRUE(same_bits(curve.losses, plain.losses)) << with;
  EXPECT_TRUE(same_bits(curve.weights, plain.weights)) << with;
}

}  // namespace memsched::test
