// SPDX-License-Identifier: Apache-2.0
#include "blasx/runtime/sim/best_tile.hpp"

#include <algorithm>

namespace blasx::runtime::sim {
namespace {

constexpr int64_t kEdges[] = {256,  384,  512,  768,  1024,  1536, 2048,
                              3072, 4096, 6144, 8192, 12288, 16384};
// Steps of a run beyond which a small tile would only cost time: no machine is at its best there.
constexpr double kMostSteps = 3e5;

}  // namespace

Result<Outcome> run_best_tile(const device::sim::Machine& machine, const Request& request) {
  const double operations = operation_count(request.call);
  const auto largest = std::max({request.call.m, request.call.n, request.call.k});
  Request trial = request, best_trial = request;
  trial.keep_spans = false;
  // What the runtime itself would choose is one of them.
  trial.tile.reset();
  Result<Outcome> best = run(machine, trial);
  best_trial.tile.reset();
  for (const int64_t edge : kEdges) {
    const auto e = static_cast<double>(edge);
    if (operations / (2 * e * e * e) > kMostSteps) continue;
    trial.tile = edge;
    Result<Outcome> outcome = run(machine, trial);
    if (outcome && (!best || outcome->seconds < best->seconds)) {
      best = std::move(outcome);
      best_trial.tile = edge;
    }
    if (edge >= largest) break;
  }
  return best && request.keep_spans ? run(machine, best_trial) : best;
}

}  // namespace blasx::runtime::sim
