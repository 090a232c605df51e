// SPDX-License-Identifier: Apache-2.0
#include "clients/memsched/plan/lives.hpp"

#include <algorithm>

namespace memsched {

using nn::graph::Costs;
using nn::graph::Network;
using nn::graph::TensorId;
using nn::graph::TensorKind;

Lives::Lives(const Network& network, const Costs& costs,
             const std::function<bool(int layer)>& recomputable)
    : named_(static_cast<size_t>(network.steps())),
      ending_(static_cast<size_t>(network.steps())),
      output_(network.layers.size(), -1),
      saved_(network.layers.size(), -1) {
  for (int step = 0; step < network.steps(); ++step) {
    const auto access = nn::graph::access(network, costs, step);
    Named& named = named_[static_cast<size_t>(step)];
    const auto add = [&](const std::vector<TensorId>& ids, std::vector<int>& numbers) {
      for (const TensorId& id : ids) {
        const bool again = id.kind == TensorKind::Output && recomputable(id.layer);
        const int tensor = number(id, tensor_bytes(costs, id), again);
        auto& uses = tensors_[static_cast<size_t>(tensor)].uses;
        if (uses.empty() || uses.back() != step) uses.push_back(step);
        numbers.push_back(tensor);
      }
    };
    add(access.reads, named.reads);
    add(access.writes, named.writes);
  }
  for (Tensor& tensor : tensors_) tensor.end = tensor.uses.back();
  // Replays of a layer may be wanted until the last use of its output, and of whatever is replayed from that in turn.
  std::vector<int> wanted(network.layers.size());
  for (int layer = network.size() - 1; layer >= 0; --layer) {
    Tensor& tensor = tensors_[static_cast<size_t>(output(layer))];
    int& until = wanted[static_cast<size_t>(layer)];
    until = tensor.end;
    for (const int reader : network.consumers[static_cast<size_t>(layer)])
      if (recomputable(reader)) until = std::max(until, wanted[static_cast<size_t>(reader)]);
    if (!tensor.recomputable) tensor.end = until;
  }
  for (int tensor = 0; tensor < size(); ++tensor)
    ending_[static_cast<size_t>((*this)[tensor].end)].push_back(tensor);
}

int Lives::number(const TensorId& id, int64_t bytes, bool recomputable) {
  const auto [it, is_new] = numbers_.try_emplace(id, size());
  if (is_new) {
    tensors_.push_back({id, bytes, recomputable, {}, 0});
    if (id.kind == TensorKind::Output) output_[static_cast<size_t>(id.layer)] = it->second;
    if (id.kind == TensorKind::Saved) saved_[static_cast<size_t>(id.layer)] = it->second;
  }
  return it->second;
}

int Lives::next_use(int tensor, int step) const {
  const auto& uses = (*this)[tensor].uses;
  const auto it = std::upper_bound(uses.begin(), uses.end(), step);
  return it == uses.end() ? kNever : *it;
}

int64_t l_peak(const Network& network, const Costs& costs, bool smallest_workspace) {
  int64_t peak = 0;
  for (int step = 0; step < network.steps(); ++step) {
    const auto named = nn::graph::access(network, costs, step);
    int64_t bytes = 0;
    for (const TensorId& id : named.reads) bytes += tensor_bytes(costs, id);
    for (const TensorId& id : named.writes) bytes += tensor_bytes(costs, id);
    const auto& layer = costs.layers[static_cast<size_t>(layer_of_step(network, step))];
    const auto& algorithms = is_forward(network, step) ? layer.forward : layer.backward;
    int64_t workspace = algorithms[0].workspace_bytes;
    if (smallest_workspace)
      for (const auto& a : algorithms) workspace = std::min(workspace, a.workspace_bytes);
    peak = std::max(peak, bytes + workspace);
  }
  return peak;
}

}  // namespace memsched
