// SPDX-License-Identifier: Apache-2.0
#include "clients/memsched/plan/planner.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "clients/memsched/plan/chain.hpp"
#include "clients/memsched/plan/engine.hpp"
#include "clients/memsched/plan/segments.hpp"

namespace memsched {

using nn::graph::Costs;
using nn::graph::Network;

namespace {

Outcome plan_chain(const Network& network, const Costs& costs, int64_t budget_bytes) {
  Outcome outcome;
  if (const auto route = chain_route(network, costs, budget_bytes))
    outcome.schedule = play_route(network, costs, *route, budget_bytes);
  else
    outcome.why = "no schedule of whole stages, kept or replayed, fits; or the chain is too long";
  return outcome;
}

}  // namespace

Outcome plan(const Network& network, const Costs& costs, const Options& options) {
  Outcome outcome;
  // The chain's programme knows one way to compute each layer.
  const bool chain = options.policy == Policy::Chain;
  const bool workspaces = options.switches.workspaces && !chain;
  const int64_t least = l_peak(network, costs, workspaces);
  if (options.budget_bytes > 0 && options.budget_bytes < least) {
    outcome.why = fmt::format(
        "a budget of {} bytes is too small: one layer alone needs l_peak = {} bytes ({:.2f} MiB)",
        options.budget_bytes, least, static_cast<double>(least) / 1048576);
    return outcome;
  }
  const bool lazy = options.switches.cache || options.policy == Policy::Dtr;
  if (chain || (lazy && options.budget_bytes > 0)) {
    // What fits is left alone: nothing is kept for replays that never come.
    Options plain = options;
    plain.policy = Policy::SuperNeurons;
    plain.switches = {true, false, false, false, workspaces};
    outcome = plan(network, costs, plain);
    if (outcome.schedule) return outcome;
  }
  try {
    if (chain) return plan_chain(network, costs, options.budget_bytes);
    Schedule first = Engine(network, costs, options, nullptr).run();
    if (lazy || !(options.switches.offload || options.switches.workspaces)) {
      outcome.schedule = std::move(first);
      return outcome;
    }
    const Guide guide{first.step_peak_bytes,
                      options.budget_bytes > 0 ? options.budget_bytes : first.peak_bytes};
    outcome.schedule = Engine(network, costs, options, &guide).run();
  } catch (const NoRoom& none) {
    const auto& layer = network.layers[static_cast<size_t>(layer_of_step(network, none.step))];
    outcome.why =
        none.thrashes
            ? fmt::format("at step {} ({}) replays go on without an end", none.step, layer.name)
            : fmt::format("at step {} ({}) there is no room for {} bytes more; l_peak is {} bytes",
                          none.step, layer.name, none.bytes, least);
  }
  return outcome;
}

Rungs paper_rungs(const Network& network, const Costs& costs) {
  Rungs rungs;
  for (int i = 0; i < network.size(); ++i) {
    const auto& layer = costs.layers[static_cast<size_t>(i)];
    const int64_t gradient =
        network.needs_gradient(i) && i + 1 < network.size()
            ? layer.gradient_bytes *
                  static_cast<int64_t>(network.consumers[static_cast<size_t>(i)].size())
            : 0;
    rungs.nothing += layer.output_bytes + gradient;
    rungs.liveness += layer.output_bytes;
    if (!is_checkpoint(network.layers[static_cast<size_t>(i)].kind))
      rungs.offload += layer.output_bytes;
  }
  const auto& before_last = costs.layers[static_cast<size_t>(network.layers.back().inputs.front())];
  rungs.liveness += before_last.gradient_bytes;
  rungs.offload += before_last.gradient_bytes;
  rungs.recompute = l_peak(network, costs);
  return rungs;
}

}  // namespace memsched
