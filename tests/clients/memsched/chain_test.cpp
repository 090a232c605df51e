// SPDX-License-Identifier: Apache-2.0
// The dynamic programme against a search through everything that could be done.
#include "clients/memsched/plan/chain.hpp"

#include <gtest/gtest.h>

#include <map>
#include <queue>
#include <random>
#include <tuple>

#include "clients/memsched/plan/planner.hpp"
#include "clients/nn/graph/zoo.hpp"

namespace {

using memsched::Stage;

// Dijkstra over what is stored: outputs (bits), whole stages (bits), and the stage whose backward is next.
class Search {
 public:
  Search(std::vector<Stage> stages, int64_t memory) : stages_(std::move(stages)), memory_(memory) {}

  std::optional<double> run() {
    push(0, {0, 0, static_cast<int>(stages_.size())});
    while (!open_.empty()) {
      const auto [time, state] = open_.top();
      open_.pop();
      if (time > best_.at(state)) continue;
      if (std::get<2>(state) == 0) return time;
      expand(time, state);
    }
    return std::nullopt;
  }

 private:
  using State = std::tuple<unsigned, unsigned, int>;

  void push(double time, const State& state) {
    const auto [it, is_new] = best_.try_emplace(state, time);
    if (!is_new && it->second <= time) return;
    it->second = time;
    open_.emplace(time, state);
  }

  void expand(double time, const State& state) {
    const auto [outputs, whole, left] = state;
    int64_t stored = stages_[static_cast<size_t>(left) - 1].gradient;
    for (unsigned i = 0; i < stages_.size(); ++i) {
      if ((outputs >> i & 1U) != 0) stored += stages_[i].output;
      if ((whole >> i & 1U) != 0) stored += stages_[i].all;
      if ((outputs >> i & 1U) != 0) push(time, {outputs & ~(1U << i), whole, left});
      if ((whole >> i & 1U) != 0) push(time, {outputs, whole & ~(1U << i), left});
    }
    for (unsigned i = 0; i < static_cast<unsigned>(left); ++i) {
      const Stage& s = stages_[i];
      if (i > 0 && ((outputs | whole) >> (i - 1) & 1U) == 0) continue;
      if (stored + s.output + s.forward_extra <= memory_)
        push(time + s.forward_ns, {outputs | 1U << i, whole, left});
      if (stored + s.all + s.forward_extra <= memory_)
        push(time + s.forward_ns, {outputs, whole | 1U << i, left});
      if (static_cast<int>(i) + 1 == left && (whole >> i & 1U) != 0 &&
          stored + s.backward_extra <= memory_)
        push(time + s.backward_ns, {outputs, whole & ~(1U << i), left - 1});
    }
  }

  struct Later {
    bool operator()(const std::pair<double, State>& a, const std::pair<double, State>& b) const {
      return a.first > b.first;
    }
  };
  std::vector<Stage> stages_;
  int64_t memory_;
  std::map<State, double> best_;
  std::priority_queue<std::pair<double, State>, std::vector<std::pair<double, State>>, Later> open_;
};

// Schedules that drop what they stored and store it again may be a little better; the programme leaves them out.
constexpr double kNearly = 1.2;

TEST(Chain, IsNearlyTheBestOfEverythingOnEqualStages) {
  const Stage stage{1, 2, 1, 0, 1, 1, 2};
  const std::vector<Stage> stages(5, stage);
  int fits = 0, replays = 0, equal = 0;
  for (int64_t memory = 0; memory <= 14; ++memory) {
    const auto found = memsched::shortest(stages, memory);
    const auto searched = Search(stages, memory).run();
    ASSERT_EQ(found.has_value(), searched.has_value()) << memory;
    if (!found) continue;
    EXPECT_GE(*found, *searched);
    EXPECT_LE(*found, kNearly * *searched);
    ++fits;
    replays += *searched > 15 ? 1 : 0;
    equal += *found == *searched ? 1 : 0;
  }
  EXPECT_EQ(memsched::shortest(stages, 14), 15.0);
  EXPECT_GE(replays, 3);
  EXPECT_GE(equal, fits - 3);
}

TEST(Chain, IsNeverBetterThanTheSearchOnOtherStages) {
  std::mt19937 random(3);
  const auto draw = [&](int64_t least, int64_t most) {
    return least + static_cast<int64_t>(random() % static_cast<uint64_t>(most - least + 1));
  };
  int equal = 0, all = 0;
  for (int trial = 0; trial < 60; ++trial) {
    std::vector<Stage> stages;
    for (int i = 0; i < 4; ++i) {
      const int64_t output = draw(1, 3);
      stages.push_back({output, output + draw(0, 3), output, draw(0, 1), draw(0, 2),
                        static_cast<double>(draw(1, 5)), static_cast<double>(draw(1, 9))});
    }
    for (int64_t memory = 4; memory <= 20; memory += 2) {
      const auto found = memsched::shortest(stages, memory);
      const auto searched = Search(stages, memory).run();
      if (!found) continue;
      ASSERT_TRUE(searched);
      EXPECT_GE(*found, *searched);
      ++all;
      equal += *found == *searched ? 1 : 0;
    }
  }
  EXPECT_GT(equal, all * 2 / 3);
}

TEST(Chain, StagesOfNetworks) {
  const auto alexnet = nn::graph::make("alexnet", {2, 3, 227, 227}, 1000);
  EXPECT_EQ(static_cast<int>(memsched::stages_of(alexnet, paper_costs(alexnet)).size()),
            alexnet.size() - 1);
  const auto resnet = nn::graph::make("resnet50", {2, 3, 224, 224}, 1000);
  // conv, bn, relu, pool, fork; each block's inside ends at its add, then relu and fork, which the last has not; pool, fc, softmax.
  EXPECT_EQ(memsched::stages_of(resnet, paper_costs(resnet)).size(), 5U + 16 * 3 - 1 + 3);
}

// What the programme says it costs is what its plan computes, within the budget, and a reader who knows nothing of it finds no fault.
TEST(Chain, PlansAreWhatTheProgrammeCounts) {
  for (const char* name : {"alexnet", "resnet50", "inception-v4", "lstm:64,64,64,64"}) {
    const auto network = nn::graph::make(name, nn::graph::usual_input(name, 8), 1000);
    const auto costs = paper_costs(network);
    memsched::Options options;
    options.policy = memsched::Policy::Chain;
    const auto all = memsched::plan(network, costs, options).schedule.value();
    int found = 0;
    for (const double part : {0.8, 0.6, 0.4, 0.3, 0.2}) {
      options.budget_bytes = static_cast<int64_t>(part * static_cast<double>(all.arena_bytes));
      const auto outcome = memsched::plan(network, costs, options);
      const auto counted = memsched::chain_optimum(network, costs, options.budget_bytes);
      if (!outcome.schedule) continue;
      ++found;
      ASSERT_TRUE(counted) << name;
      EXPECT_EQ(fault_of(*outcome.schedule, network, costs), "") << name << " " << part;
      EXPECT_LE(outcome.schedule->arena_bytes, options.budget_bytes) << name << " " << part;
      EXPECT_EQ(static_cast<double>(outcome.schedule->replay_ns), counted->replay_ns)
          << name << " " << part;
      EXPECT_GT(outcome.schedule->replays, 0);
      EXPECT_EQ(outcome.schedule->bytes_out, 0);
    }
    EXPECT_GE(found, 1) << name;
  }
}

TEST(Chain, CostsNothingWithRoomAndMoreWithLess) {
  const auto network = nn::graph::make("resnet50", {8, 3, 224, 224}, 1000);
  const auto costs = paper_costs(network);
  const int64_t all = memsched::paper_rungs(network, costs).nothing;
  EXPECT_EQ(memsched::chain_optimum(network, costs, all)->replay_ns, 0);
  double before = -1;
  for (const double part : {0.6, 0.3, 0.15, 0.1}) {
    const auto found = memsched::chain_optimum(
        network, costs, static_cast<int64_t>(part * static_cast<double>(all)));
    ASSERT_TRUE(found) << part;
    EXPECT_GE(found->replay_ns, before);
    before = found->replay_ns;
  }
  EXPECT_GT(before, 0);
  EXPECT_FALSE(memsched::chain_optimum(network, costs, all / 1000));
}

}  // namespace
