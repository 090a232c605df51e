// SPDX-License-Identifier: Apache-2.0
// Plans carried out: the executor's numbers and memory are the plan's, and no combination of the switches changes a bit.
#include <gtest/gtest.h>

#include "clients/memsched/plan/lives.hpp"
#include "clients/memsched/run/session.hpp"
#include "clients/nn/error.hpp"
#include "clients/nn/layers/cpu/layer_set.hpp"
#include "tests/clients/memsched/trainee.hpp"

namespace {

using memsched::Options;
using memsched::Policy;
using memsched::Replay;
using memsched::Schedule;
using memsched::Switches;
using memsched::test::Curve;
using memsched::test::expect_same;
using memsched::test::mixed;
using memsched::test::Trainee;

const nn::cpu::CpuLayers kSet("gemm");

TEST(Run, EveryCombinationHasTheSameBits) {
  Trainee run(mixed(), kSet);
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
  Trainee run(mixed(), kSet);
  const Curve plain = run.train(*nn::graph::keep_everything(run.network(), run.costs()));
  Options options;
  options.policy = Policy::Dtr;
  options.budget_bytes = memsched::l_peak(run.network(), run.costs()) * 2;
  expect_same(run.train(options), plain, "dtr");
}

// From where nothing is replayed down to the least budget that the programme has a schedule for.
TEST(Run, ChainHasTheSameBits) {
  for (const auto& network : {mixed(), nn::graph::make("lstm:9,9,9,9,9,9", {8, 1, 10, 3}, 10)}) {
    Trainee run(network, kSet);
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
  Trainee run(nn::graph::make("lstm:12,12,12,12,12,12", {8, 1, 10, 3}, 10), kSet);
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
  Trainee run(nn::graph::make("resnet18", {4, 3, 32, 32}, 10), kSet);
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
  const auto compiled = memsched::compile_for(mixed(), "cpu", "gemm");
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
    const auto costs = memsched::compile_for(mixed(), "cpu", convolution).costs;
    for (size_t i = 1; i < costs.layers.size(); ++i) {
      ways = std::max(ways, costs.layers[i].forward.size());
      for (const auto& way : costs.layers[i].forward) EXPECT_GT(way.time_ns, 0) << i << way.name;
      for (const auto& way : costs.layers[i].backward) EXPECT_GT(way.time_ns, 0) << i << way.name;
    }
    EXPECT_EQ(ways > 1, convolution == std::string("auto"));
  }
  const auto compiled = memsched::compile_for(mixed(), "cpu", "auto");
  const Schedule schedule = memsched::plan(compiled.network, compiled.costs, {}).schedule.value();
  EXPECT_EQ(memsched::train(compiled, schedule, {2, 0.01, 1, false}).losses.size(), 2U);
  EXPECT_THROW((void)memsched::compile_for(mixed(), "cpu", "magic"), nn::Error);
}

TEST(Session, ALossThatIsNoNumberEndsIt) {
  const auto compiled = memsched::compile_for(mixed(), "cpu", "gemm");
  const Schedule schedule = memsched::plan(compiled.network, compiled.costs, {}).schedule.value();
  EXPECT_THROW((void)memsched::train(compiled, schedule, {20, 1e30, 1, false}), nn::Error);
}

}  // namespace
