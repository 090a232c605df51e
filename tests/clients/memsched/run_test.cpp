// SPDX-License-Identifier: Apache-2.0
// Plans carried out: the executor's numbers and memory are the plan's, and no combination of the switches changes a bit.
#include <gtest/gtest.h>

#include <cstring>

#include "clients/memsched/plan/lives.hpp"
#include "clients/memsched/plan/planner.hpp"
#include "clients/memsched/run/session.hpp"
#include "clients/nn/error.hpp"
#include "clients/nn/graph/zoo.hpp"
#include "clients/nn/layers/cpu/layer_set.hpp"
#include "clients/nn/layers/random.hpp"
#include "clients/nn/run/executor.hpp"

namespace {

using memsched::Options;
using memsched::Policy;
using memsched::Replay;
using memsched::Schedule;
using memsched::Switches;

// Forks and joins, pools, batch norm, and dropout, in few and small layers.
nn::graph::Network mixed() {
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
  explicit Trainee(const nn::graph::Network& network)
      : compiled_(nn::compile(network, nn::cpu::CpuLayers("gemm"))) {
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
    auto* weights = static_cast<float*>(executor.parameters().value(0));
    const auto* gradients = static_cast<const float*>(executor.parameters().gradient(0));
    const int64_t trained = executor.parameters().trained_elems();
    Curve curve;
    for (int step = 0; step < kBatches; ++step) {
      nn::Iteration iteration;
      iteration.seed = static_cast<uint64_t>(step) + 1;
      iteration.labels = labels_.data();
      iteration.gradient_scale = 1.0 / static_cast<double>(labels_.size());
      const float* images = images_.data() + step * network().input().elems();
      curve.losses.push_back(executor.train(images, iteration).loss_sum);
      for (int64_t i = 0; i < trained; ++i) weights[i] -= 0.05F * gradients[i];
    }
    curve.weights.assign(weights, weights + trained);
    // Running statistics too: a replay must not count a batch twice.
    for (const auto& parameter : executor.parameters().all())
      if (!parameter.spec.trained)
        curve.weights.insert(curve.weights.end(), weights + parameter.offset_elems,
                             weights + parameter.offset_elems + parameter.spec.elems);
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

void expect_same(const Curve& curve, const Curve& plain, const std::string& with) {
  EXPECT_TRUE(same_bits(curve.losses, plain.losses)) << with;
  EXPECT_TRUE(same_bits(curve.weights, plain.weights)) << with;
}

TEST(Run, EveryCombinationHasTheSameBits) {
  Trainee run(mixed());
  const Curve plain = run.train(*nn::graph::keep_everything(run.network(), run.costs()));
  EXPECT_NE(plain.losses[0], plain.losses[1]);
  const int64_t least = memsched::l_peak(run.network(), run.costs()) + 4096;
  for (const Switches& switches : memsched::every_combination()) {
    for (const Replay replay : {Replay::SpeedCentric, Replay::MemoryCentric, Replay::CostAware}) {
      Options options;
      options.switches = switches;
      options.replay = replay;
      expect_same(run.train(options), plain, to_string(switches));
      if (!switches.cache) continue;
      for (const int64_t budget : {least, least * 3 / 2}) {
        options.budget_bytes = budget;
        expect_same(run.train(options), plain,
                    to_string(switches) + " in " + std::to_string(budget));
      }
    }
  }
}

TEST(Run, DtrHasTheSameBits) {
  Trainee run(mixed());
  const Curve plain = run.train(*nn::graph::keep_everything(run.network(), run.costs()));
  Options options;
  options.policy = Policy::Dtr;
  options.budget_bytes = memsched::l_peak(run.network(), run.costs()) * 2;
  expect_same(run.train(options), plain, "dtr");
}

// From where nothing is replayed down to the least budget that the programme has a schedule for.
TEST(Run, ChainHasTheSameBits) {
  for (const auto& network : {mixed(), nn::graph::make("lstm:9,9,9,9,9,9", {8, 1, 10, 3}, 10)}) {
    Trainee run(network);
    const Curve plain = run.train(*nn::graph::keep_everything(run.network(), run.costs()));
    Options options;
    options.policy = Policy::Chain;
    const int64_t most = plan(run.network(), run.costs(), options).schedule.value().arena_bytes;
    int64_t replays = 0;
    for (int64_t budget = most; budget > 0; budget -= most / 16) {
      options.budget_bytes = budget;
      const auto outcome = plan(run.network(), run.costs(), options);
      if (!outcome.schedule) break;
      EXPECT_LE(outcome.schedule->arena_bytes, budget);
      replays = std::max(replays, outcome.schedule->replays);
      expect_same(run.train(options), plain, "chain in " + std::to_string(budget));
    }
    EXPECT_GT(replays, 0) << network.name;
  }
}

// An LSTM's saved gates and cells are governed too, and its steps are replayed.
TEST(Run, RecurrentLayersHaveTheSameBits) {
  Trainee run(nn::graph::make("lstm:12,12,12,12,12,12", {8, 1, 10, 3}, 10));
  const Curve plain = run.train(*nn::graph::keep_everything(run.network(), run.costs()));
  Options options;
  options.switches = {true, false, false, false, false};
  const int64_t alive = plan(run.network(), run.costs(), options).schedule.value().arena_bytes;
  options.switches = memsched::kAll;
  options.budget_bytes = alive * 3 / 4;
  const Schedule moved = plan(run.network(), run.costs(), options).schedule.value();
  EXPECT_GT(moved.bytes_out, 0);
  expect_same(run.train(options), plain, "three quarters");
  options.policy = Policy::Dtr;
  options.budget_bytes = alive * 9 / 10;
  EXPECT_GT(plan(run.network(), run.costs(), options).schedule.value().replays, 0);
  expect_same(run.train(options), plain, "dtr");
}

// Half of what liveness alone takes, a sixth of everything.
TEST(Run, ResNetInLittleMemory) {
  Trainee run(nn::graph::make("resnet18", {4, 3, 32, 32}, 10));
  const Curve plain = run.train(*nn::graph::keep_everything(run.network(), run.costs()));
  Options options;
  options.switches = {true, false, false, false, false};
  options.budget_bytes = plan(run.network(), run.costs(), options).schedule.value().arena_bytes / 2;
  options.switches = memsched::kAll;
  const Schedule schedule = plan(run.network(), run.costs(), options).schedule.value();
  EXPECT_GT(schedule.replays + schedule.bytes_out, 0);
  expect_same(run.train(options), plain, "half");
}

// What memsched train does.
TEST(Session, TrainsBesideATwinThatKeepsEverything) {
  const auto compiled = memsched::compile_for(mixed(), "gemm");
  Options options;
  options.budget_bytes = memsched::l_peak(compiled.network, compiled.costs) + 4096;
  const Schedule schedule =
      memsched::plan(compiled.network, compiled.costs, options).schedule.value();
  const auto report = memsched::train(compiled, schedule, {4, 0.01, 1, true});
  EXPECT_EQ(report.losses.size(), 4U);
  EXPECT_FALSE(report.differs_at);
  EXPECT_EQ(report.high_water_bytes, schedule.arena_bytes);
  EXPECT_EQ(report.peak_bytes, schedule.block_peak_bytes);
  EXPECT_GT(report.ratio, 0);
}

TEST(Session, MeasuresAlgorithms) {
  size_t ways = 0;
  for (const char* convolution : {"gemm", "auto"}) {
    const auto costs = memsched::compile_for(mixed(), convolution).costs;
    for (size_t i = 1; i < costs.layers.size(); ++i) {
      ways = std::max(ways, costs.layers[i].forward.size());
      for (const auto& way : costs.layers[i].forward) EXPECT_GT(way.time_ns, 0) << i << way.name;
      for (const auto& way : costs.layers[i].backward) EXPECT_GT(way.time_ns, 0) << i << way.name;
    }
    EXPECT_EQ(ways > 1, convolution == std::string("auto"));
  }
  const auto compiled = memsched::compile_for(mixed(), "auto");
  const Schedule schedule = memsched::plan(compiled.network, compiled.costs, {}).schedule.value();
  EXPECT_EQ(memsched::train(compiled, schedule, {2, 0.01, 1, false}).losses.size(), 2U);
  EXPECT_THROW((void)memsched::compile_for(mixed(), "magic"), nn::Error);
}

TEST(Session, ALossThatIsNoNumberEndsIt) {
  const auto compiled = memsched::compile_for(mixed(), "gemm");
  const Schedule schedule = memsched::plan(compiled.network, compiled.costs, {}).schedule.value();
  EXPECT_THROW((void)memsched::train(compiled, schedule, {20, 1e30, 1, false}), nn::Error);
}

}  // namespace
