// SPDX-License-Identifier: Apache-2.0
#include "clients/nn/graph/governor.hpp"

#include <algorithm>
#include <map>

namespace nn::graph {
namespace {

class KeepEverything : public MemoryGovernor {
 public:
  KeepEverything(const Network& network, const Costs& costs) : network_(network), costs_(costs) {
    for (int step = 0; step < network.steps(); ++step) {
      for (const TensorId& id : access(network, costs, step).writes)
        if (places_.try_emplace(id, end_).second) end_ += block_bytes(tensor_bytes(costs, id));
      workspace_ = std::max(workspace_, workspace_of(step));
    }
  }

  int64_t arena_bytes() const override {
    return end_ + (workspace_ > 0 ? block_bytes(workspace_) : 0);
  }
  void begin_iteration(TensorStore& store) override {
    for (const auto& [id, offset] : places_) store.place(id, offset);
  }
  int before(int step, TensorStore& store) override {
    const int64_t bytes = workspace_of(step);
    if (bytes > 0) store.workspace(end_, bytes);
    return 0;
  }
  void after(int, TensorStore&) override {}
  void end_iteration(TensorStore& store) override {
    for (const auto& [id, offset] : places_) store.release(id);
  }

 private:
  int64_t workspace_of(int step) const {
    const LayerCosts& layer = costs_.layers[static_cast<size_t>(layer_of_step(network_, step))];
    return (is_forward(network_, step) ? layer.forward : layer.backward)[0].workspace_bytes;
  }

  const Network& network_;
  const Costs& costs_;
  std::map<TensorId, int64_t> places_;
  int64_t end_ = 0;
  int64_t workspace_ = 0;
};

}  // namespace

int64_t block_bytes(int64_t bytes) {
  constexpr int64_t kUnit = 64;
  return (std::max<int64_t>(bytes, 1) + kUnit - 1) / kUnit * kUnit;
}

std::unique_ptr<MemoryGovernor> keep_everything(const Network& network, const Costs& costs) {
  return std::make_unique<KeepEverything>(network, costs);
}

}  // namespace nn::graph
