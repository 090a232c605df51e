// SPDX-License-Identifier: Apache-2.0
// Plans carried out on a GPU: no combination of the switches changes a bit, and the device's memory is the plan's.
#include <gtest/gtest.h>

#include "clients/memsched/plan/lives.hpp"
#include "clients/memsched/run/session.hpp"
#include "clients/nn/sets/layer_sets.hpp"
#include "tests/clients/memsched/trainee.hpp"

namespace memsched::test {
namespace {

class OnGpu : public testing::Test {
 protected:
  std::unique_ptr<nn::LayerSet> set = nn::layers_on("cuda:0", {.convolution = "gemm", .norms = {}});
};

TEST_F(OnGpu, EveryCombinationHasTheSameBits) {
  Trainee run(mixed(), *set);
  const Curve plain = run.train(*nn::graph::keep_everything(run.network(), run.costs()));
  EXPECT_NE(plain.losses[0], plain.losses[1]);
  int64_t moved = 0, replays = 0;
  for (const Switches& switches : every_combination()) {
    Options options;
    options.switches = switches;
    options.budget_bytes =
        switches.cache ? l_peak(run.network(), run.costs(), switches.workspaces) + 4096 : 0;
    const auto outcome = plan(run.network(), run.costs(), options);
    if (!outcome.schedule) continue;  // without a workspace's room
    moved = std::max(moved, outcome.schedule->bytes_in);
    replays = std::max(replays, outcome.schedule->replays);
    expect_same(run.train(options), plain, to_string(switches));
  }
  EXPECT_GT(moved, 0);
  EXPECT_GT(replays, 0);
}

TEST_F(OnGpu, RecurrentLayersHaveTheSameBits) {
  Trainee run(nn::graph::make("lstm:12,12,12", {8, 1, 10, 3}, 10), *set);
  const Curve plain = run.train(*nn::graph::keep_everything(run.network(), run.costs()));
  Options options;
  options.switches = {true, false, false, false, false};
  const int64_t alive = plan(run.network(), run.costs(), options).schedule.value().arena_bytes;
  options.switches = kAll;
  options.budget_bytes = alive * 3 / 4;
  EXPECT_GT(plan(run.network(), run.costs(), options).schedule.value().bytes_out, 0);
  expect_same(run.train(options), plain, "three quarters");
}

// What memsched train does, with all of cuDNN's algorithms to choose from.
TEST_F(OnGpu, TrainsWithTheFastestThatFindsRoom) {
  const auto compiled = compile_for(mixed(), "cuda:0", "auto");
  Options options;
  options.budget_bytes = l_peak(compiled.network, compiled.costs) + 65536;
  const Schedule schedule = plan(compiled.network, compiled.costs, options).schedule.value();
  const auto report = train(compiled, schedule, {3, 0.01, 1, true});
  EXPECT_EQ(report.losses.size(), 3U);
  EXPECT_EQ(report.high_water_bytes, schedule.arena_bytes);
}

}  // namespace
}  // namespace memsched::test
