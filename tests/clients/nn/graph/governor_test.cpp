// SPDX-License-Identifier: Apache-2.0
#include "clients/nn/graph/governor.hpp"

#include <gtest/gtest.h>

#include <map>

#include "clients/nn/graph/zoo.hpp"

namespace {

using nn::graph::TensorId;

// Nothing but places; fails when two overlap or one leaves the arena.
class Places : public nn::graph::TensorStore {
 public:
  Places(const nn::graph::Costs& costs, int64_t arena) : costs_(costs), arena_(arena) {}

  void place(TensorId tensor, int64_t offset) override {
    const int64_t bytes = nn::graph::block_bytes(tensor_bytes(costs_, tensor));
    EXPECT_EQ(offset % 64, 0);
    check(offset, bytes);
    places.emplace(tensor, std::pair(offset, bytes));
  }
  void release(TensorId tensor) override { EXPECT_EQ(places.erase(tensor), 1U); }
  void copy_out(TensorId) override { FAIL(); }
  void copy_in(TensorId) override { FAIL(); }
  void move(TensorId, int64_t) override { FAIL(); }
  void drop_host(TensorId) override { FAIL(); }
  void replay(int, int) override { FAIL(); }
  void workspace(int64_t offset, int64_t bytes) override {
    check(offset, bytes);
    workspaces++;
  }

  std::map<TensorId, std::pair<int64_t, int64_t>> places;
  int workspaces = 0;

 private:
  void check(int64_t offset, int64_t bytes) {
    EXPECT_LE(offset + bytes, arena_);
    for (const auto& [id, place] : places)
      EXPECT_TRUE(offset + bytes <= place.first || place.first + place.second <= offset);
  }
  const nn::graph::Costs& costs_;
  int64_t arena_;
};

TEST(KeepEverything, EachTensorHasItsPlaceForTheWholeIteration) {
  const auto network = nn::graph::make("cifar-quick", {2, 3, 32, 32}, 10);
  auto costs = paper_costs(network);
  for (auto& layer : costs.layers)
    if (layer.forward.size() > 1) layer.forward[0].workspace_bytes = 100;
  const auto governor = keep_everything(network, costs);
  Places store(costs, governor->arena_bytes());
  governor->begin_iteration(store);
  for (int step = 0; step < network.steps(); ++step) {
    EXPECT_EQ(governor->before(step, store), 0);
    const auto named = access(network, costs, step);
    for (const auto& id : named.reads) EXPECT_TRUE(store.places.count(id));
    for (const auto& id : named.writes) EXPECT_TRUE(store.places.count(id));
    governor->after(step, store);
  }
  EXPECT_EQ(store.workspaces, 3);
  governor->end_iteration(store);
  EXPECT_TRUE(store.places.empty());
}

}  // namespace
