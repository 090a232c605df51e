// SPDX-License-Identifier: Apache-2.0
#include "clients/memsched/plan/engine.hpp"

#include <algorithm>
#include <numeric>
#include <stdexcept>

#include "clients/memsched/plan/segments.hpp"
#include "clients/nn/graph/governor.hpp"

namespace memsched {

using nn::graph::Algorithm;
using nn::graph::LayerKind;

namespace {

// A plan with more replays a layer than this is none.
constexpr int64_t kMostReplaysEach = 50;

Switches effective(const Options& options) {
  if (options.policy == Policy::Dtr) return {true, false, false, true, options.switches.workspaces};
  return options.switches.complete();
}

}  // namespace

Engine::Engine(const nn::graph::Network& network, const nn::graph::Costs& costs,
               const Options& options, const Guide* guide)
    : network_(network),
      costs_(costs),
      options_(options),
      guide_(guide),
      with_(effective(options)),
      lazy_(with_.cache || options.policy == Policy::Dtr),
      lives_(network, costs,
             [&](int layer) {
               const LayerKind kind = network.layers[static_cast<size_t>(layer)].kind;
               if (options.policy == Policy::Dtr) return kind != LayerKind::Data;
               return with_.recompute && !is_checkpoint(kind);
             }),
      where_(lives_, options.budget_bytes, network.steps(), schedule_),
      memory_centric_(memory_centric(network, costs, options.replay)),
      held_(static_cast<size_t>(lives_.size()), 0),
      used_at_(static_cast<size_t>(lives_.size()), 0),
      touched_at_(static_cast<size_t>(lives_.size()), -1),
      awaited_at_(static_cast<size_t>(lives_.size()), -1),
      reserved_(static_cast<size_t>(network.steps()), 0) {}

const nn::graph::LayerCosts& Engine::cost(int layer) const {
  return costs_.layers[static_cast<size_t>(layer)];
}

Schedule Engine::run() {
  if (!with_.liveness)
    for (int tensor = 0; tensor < lives_.size(); ++tensor) allocate(tensor);
  for (step_ = 0; step_ < network_.steps(); ++step_) step(step_);
  step_ = network_.steps() - 1;
  const std::set<int> left = where_.resident();
  for (const int tensor : left) where_.release(tensor);
  schedule_.l_peak_bytes = l_peak(network_, costs_, with_.workspaces);
  return std::move(schedule_);
}

void Engine::hold(int tensor) {
  ++held_[static_cast<size_t>(tensor)];
  used_at_[static_cast<size_t>(tensor)] = now_;
  touched_at_[static_cast<size_t>(tensor)] = step_;
}

void Engine::step(int step) {
  where_.begin_step(step);
  const Lives::Named& named = lives_.named(step);
  std::vector<int> all = named.reads;
  all.insert(all.end(), named.writes.begin(), named.writes.end());
  // What is there must not make room for what is not.
  std::vector<int> absent;
  for (const int tensor : all) {
    if (where_.on_device(tensor))
      hold(tensor);
    else
      absent.push_back(tensor);
  }
  const auto is_written = [&](int tensor) {
    return std::find(named.writes.begin(), named.writes.end(), tensor) != named.writes.end();
  };
  for (const int tensor : absent) {
    if (is_written(tensor)) {
      if (!where_.on_device(tensor)) allocate(tensor);
    } else {
      ensure(tensor);
    }
    hold(tensor);
  }
  const int layer = layer_of_step(network_, step);
  const auto& all_ways = is_forward(network_, step) ? cost(layer).forward : cost(layer).backward;
  int64_t offset = 0;
  const int algorithm = choose(all_ways, offset);
  const Algorithm& taken = all_ways[static_cast<size_t>(algorithm)];
  prefetch();
  where_.run(step, algorithm, taken.workspace_bytes, offset);
  schedule_.compute_ns += taken.time_ns;
  now_ += static_cast<double>(taken.time_ns);
  for (const int tensor : all) let_go(tensor);
  after_step();
}

void Engine::ensure(int tensor) {
  if (where_.on_device(tensor)) return;
  if (where_.on_host(tensor)) {
    allocate(tensor);
    where_.copy_in(tensor);
  } else if (lives_[tensor].recomputable) {
    replay(lives_[tensor].id.layer);
  } else {
    throw std::logic_error("memsched: a tensor is nowhere and cannot be made again");
  }
}

void Engine::replay(int layer) {
  if (schedule_.replays > kMostReplaysEach * network_.size()) throw NoRoom{step_, 0, true};
  std::vector<int> needed;
  const auto need = [&](int tensor) {
    hold(tensor);
    needed.push_back(tensor);
  };
  for (const int input : network_.layers[static_cast<size_t>(layer)].inputs) {
    ensure(lives_.output(input));
    need(lives_.output(input));
  }
  if (const int saved = lives_.saved(layer); saved >= 0) {
    ensure(saved);
    need(saved);
  }
  const int output = lives_.output(layer);
  allocate(output);
  need(output);
  int64_t offset = 0;
  const int algorithm = choose(cost(layer).forward, offset);
  const Algorithm& taken = cost(layer).forward[static_cast<size_t>(algorithm)];
  where_.replay(layer, algorithm, taken.workspace_bytes, offset);
  schedule_.compute_ns += taken.time_ns;
  schedule_.replay_ns += taken.time_ns;
  now_ += static_cast<double>(taken.time_ns);
  for (const int tensor : needed) let_go(tensor);
  after_replay(layer);
}

// What a replay started from and nobody else wants soon goes at once.
void Engine::after_replay(int layer) {
  const bool sparing = !lazy_ && memory_centric_[static_cast<size_t>(layer)];
  for (const int input : network_.layers[static_cast<size_t>(layer)].inputs) {
    const int tensor = lives_.output(input);
    if (is_held(tensor)) continue;
    const bool back_for_nothing = lives_[tensor].recomputable || where_.on_host(tensor);
    const bool unused =
        lives_[tensor].recomputable && lives_.next_use(tensor, step_) == Lives::kNever;
    if (unused || (sparing && back_for_nothing)) where_.release(tensor);
  }
}

void Engine::allocate(int tensor) {
  while (!where_.place(tensor)) make_room(lives_[tensor].bytes);
}

int64_t Engine::allocate_workspace(int64_t bytes) {
  while (true) {
    if (const auto offset = where_.workspace(bytes)) return *offset;
    make_room(bytes);
  }
}

void Engine::make_room(int64_t bytes) {
  if (where_.free_bytes() >= nn::graph::block_bytes(bytes) && where_.compact(bytes)) return;
  if (!lazy_ || !evict_one()) throw NoRoom{step_, bytes, false};
}

double Engine::worth(int tensor) const {
  const double used = used_at_[static_cast<size_t>(tensor)];
  if (options_.policy == Policy::SuperNeurons) return used;
  const Tensor& t = lives_[tensor];
  const auto again = static_cast<double>(cost(t.id.layer).forward[0].time_ns);
  return again / (static_cast<double>(t.bytes) * (now_ - used + 1));
}

bool Engine::evict_one() {
  int victim = -1;
  for (const int tensor : where_.resident()) {
    if (is_held(tensor)) continue;
    if (options_.policy == Policy::Dtr && !lives_[tensor].recomputable) continue;
    if (victim < 0 || worth(tensor) < worth(victim)) victim = tensor;
  }
  if (victim < 0) return false;
  if (!lives_[victim].recomputable && !where_.on_host(victim)) where_.copy_out(victim);
  where_.release(victim);
  return true;
}

int Engine::choose(const std::vector<Algorithm>& all, int64_t& offset) {
  if (!with_.workspaces || all.size() == 1) {
    offset = allocate_workspace(all[0].workspace_bytes);
    return 0;
  }
  std::vector<int> by_time(all.size());
  std::iota(by_time.begin(), by_time.end(), 0);
  const auto at = [&](int i) -> const Algorithm& { return all[static_cast<size_t>(i)]; };
  std::stable_sort(by_time.begin(), by_time.end(),
                   [&](int a, int b) { return at(a).time_ns < at(b).time_ns; });
  const bool limited = options_.budget_bytes > 0;
  const int64_t limit = guide_ != nullptr ? guide_->limit_bytes : options_.budget_bytes;
  for (const int i : by_time) {
    const int64_t bytes = at(i).workspace_bytes;
    if (guide_ == nullptr && !limited) break;
    if (where_.used_bytes() + bytes > limit) continue;
    if (const auto place = where_.workspace(bytes)) {
      offset = *place;
      return i;
    }
  }
  const int least = *std::min_element(by_time.begin(), by_time.end(), [&](int a, int b) {
    return at(a).workspace_bytes < at(b).workspace_bytes;
  });
  offset = allocate_workspace(at(least).workspace_bytes);
  return least;
}

}  // namespace memsched
