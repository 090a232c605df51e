// SPDX-License-Identifier: Apache-2.0
#include "clients/memsched/plan/chain.hpp"

#include <algorithm>
#include <limits>

#include "clients/memsched/plan/lives.hpp"
#include "clients/nn/graph/governor.hpp"

namespace memsched {
namespace {

using nn::graph::Costs;
using nn::graph::Network;
using nn::graph::TensorKind;

constexpr int64_t kUnits = 300;
constexpr size_t kLongest = 400;
constexpr double kNever = std::numeric_limits<double>::infinity();

// Layers that everything goes through: no edge passes them by.
std::vector<int> cuts_of(const Network& network) {
  std::vector<int> cuts;
  int furthest = 0;
  for (int i = 0; i < network.size(); ++i) {
    if (furthest <= i) cuts.push_back(i);
    for (const int reader : network.consumers[static_cast<size_t>(i)])
      furthest = std::max(furthest, reader);
  }
  return cuts;
}

// The most bytes of tensors of `kind` made inside steps [begin, end) that are there at one time; `held` are there at the beginning.
int64_t peak_within(const Lives& lives, TensorKind kind, int begin, int end, int64_t held) {
  int64_t now = held, peak = held;
  for (int step = begin; step < end; ++step) {
    for (const int tensor : lives.named(step).writes)
      if (lives[tensor].id.kind == kind) now += lives[tensor].bytes;
    peak = std::max(peak, now);
    for (const int tensor : lives.named(step).reads)
      if (lives[tensor].id.kind == kind && lives[tensor].uses.front() >= begin &&
          lives.next_use(tensor, step) >= end)
        now -= lives[tensor].bytes;
  }
  return peak;
}

// A stage is run forward or backward.
struct Visit {
  size_t stage = 0;
  bool forward = true;
};

class Table {
 public:
  Table(size_t stages, int64_t memory)
      : stages_(stages),
        width_(static_cast<size_t>(memory) + 1),
        values_(stages * stages * width_, kNever) {}
  // Time of stages first..last with `memory` left; none when that is negative.
  double get(size_t first, size_t last, int64_t memory) const {
    if (memory < 0) return kNever;
    return values_[place(first, last, memory)];
  }
  void set(size_t first, size_t last, int64_t memory, double value) {
    values_[place(first, last, memory)] = value;
  }

 private:
  size_t place(size_t first, size_t last, int64_t memory) const {
    return (first * stages_ + last) * width_ + static_cast<size_t>(memory);
  }
  size_t stages_, width_;
  std::vector<double> values_;
};

// The dynamic programme: of each stretch of stages and each memory the best that can be done.
class Chain {
 public:
  Chain(const std::vector<Stage>& stages, int64_t memory)
      : stages_(stages), memory_(memory), table_(stages.size(), memory) {
    for (size_t first = stages.size(); first-- > 0;)
      for (size_t last = first; last < stages.size(); ++last) {
        const Needs needs = needs_of(first, last);
        for (int64_t m = 0; m <= memory; ++m)
          table_.set(first, last, m, best(first, last, m, needs).time);
      }
  }

  double time() const { return table_.get(0, stages_.size() - 1, memory_); }
  std::vector<Visit> visits() const {
    std::vector<Visit> all;
    walk(0, stages_.size() - 1, memory_, all);
    return all;
  }

 private:
  struct Needs {
    int64_t keeps = 0;   // saving all of the first stage, now and in its backward
    int64_t passes = 0;  // running forward to some stage and saving only that one's input
  };
  struct Choice {
    double time = kNever;
    size_t next = 0;  // the stage whose input is saved; the first: all of that one is
  };

  Needs needs_of(size_t first, size_t last) const {
    const Stage& s = stages_[first];
    const int64_t above = stages_[last].gradient;
    Needs needs{std::max(above + s.all + s.forward_extra, s.gradient + s.all + s.backward_extra),
                above + s.output + s.forward_extra};
    for (size_t j = first + 1; j < last; ++j)
      needs.passes = std::max(needs.passes, above + stages_[j - 1].output + stages_[j].output +
                                                stages_[j].forward_extra);
    return needs;
  }

  Choice best(size_t first, size_t last, int64_t m, const Needs& needs) const {
    Choice best;
    const Stage& s = stages_[first];
    if (m >= needs.keeps) {
      const double rest = first == last ? 0 : table_.get(first + 1, last, m - s.all);
      best = {s.forward_ns + rest + s.backward_ns, first};
    }
    if (m < needs.passes) return best;
    double run = 0;
    for (size_t next = first + 1; next <= last; ++next) {
      run += stages_[next - 1].forward_ns;
      const double time = run + table_.get(next, last, m - stages_[next - 1].output) +
                          table_.get(first, next - 1, m);
      if (time < best.time) best = {time, next};
    }
    return best;
  }

  void walk(size_t first, size_t last, int64_t m, std::vector<Visit>& all) const {
    const size_t next = best(first, last, m, needs_of(first, last)).next;
    if (next == first) {
      all.push_back({first, true});
      if (first < last) walk(first + 1, last, m - stages_[first].all, all);
      all.push_back({first, false});
      return;
    }
    for (size_t stage = first; stage < next; ++stage) all.push_back({stage, true});
    walk(next, last, m - stages_[next - 1].output, all);
    walk(first, next - 1, m, all);
  }

  const std::vector<Stage>& stages_;
  int64_t memory_;
  Table table_;
};

// Sizes as blocks have them, so that what the programme counts is what the arena takes.
Costs in_blocks(Costs costs) {
  const auto rounded = [](int64_t& bytes) {
    if (bytes > 0) bytes = nn::graph::block_bytes(bytes);
  };
  for (auto& layer : costs.layers) {
    for (int64_t* bytes : {&layer.output_bytes, &layer.gradient_bytes, &layer.saved_bytes})
      rounded(*bytes);
    for (auto* ways : {&layer.forward, &layer.backward})
      for (auto& way : *ways) rounded(way.workspace_bytes);
  }
  return costs;
}

// Sizes in units of 1/300 of the budget, rounded against it. What is left of the budget beside the data's output, in these units.
int64_t in_units(std::vector<Stage>& stages, int64_t data_bytes, int64_t budget_bytes) {
  const int64_t unit = std::max<int64_t>(1, budget_bytes / kUnits);
  for (Stage& stage : stages)
    for (int64_t* size :
         {&stage.output, &stage.all, &stage.gradient, &stage.forward_extra, &stage.backward_extra})
      *size = (*size + unit - 1) / unit;
  return budget_bytes / unit - (nn::graph::block_bytes(data_bytes) + unit - 1) / unit;
}

}  // namespace

std::vector<Stage> stages_of(const Network& network, const Costs& costs) {
  const Lives lives(network, costs, [](int) { return false; });
  const std::vector<int> cuts = cuts_of(network);
  const int steps = network.steps();
  std::vector<Stage> stages;
  for (size_t i = 1; i < cuts.size(); ++i) {
    Stage stage;
    const int last = cuts[i];
    const auto bytes = [&](int layer) { return lives[lives.output(layer)].bytes; };
    stage.output = bytes(last);
    stage.all = stage.output;
    const auto readers = static_cast<int64_t>(network.consumers[static_cast<size_t>(last)].size());
    stage.gradient = readers * costs.layers[static_cast<size_t>(last)].gradient_bytes;
    for (int layer = cuts[i - 1] + 1; layer <= last; ++layer) {
      const auto& cost = costs.layers[static_cast<size_t>(layer)];
      stage.all += cost.saved_bytes;
      if (layer != last && lives[lives.output(layer)].end >= network.size())
        stage.all += bytes(layer);
      stage.forward_ns += static_cast<double>(cost.forward[0].time_ns);
      stage.backward_ns += static_cast<double>(cost.backward[0].time_ns);
      stage.forward_extra = std::max(stage.forward_extra, cost.forward[0].workspace_bytes);
      stage.backward_extra = std::max(stage.backward_extra, cost.backward[0].workspace_bytes);
    }
    stage.forward_extra += std::max<int64_t>(
        0, peak_within(lives, TensorKind::Output, cuts[i - 1] + 1, last + 1, 0) - stage.output);
    stage.backward_extra += peak_within(lives, TensorKind::Gradient, steps - 1 - last,
                                        steps - 1 - cuts[i - 1], stage.gradient) -
                            stage.gradient;
    stages.push_back(stage);
  }
  return stages;
}

std::optional<double> shortest(const std::vector<Stage>& stages, int64_t memory) {
  if (stages.empty() || memory < 0) return std::nullopt;
  const double found = Chain(stages, memory).time();
  if (found == kNever) return std::nullopt;
  return found;
}

std::optional<ChainOptimum> chain_optimum(const Network& network, const Costs& costs,
                                          int64_t budget_bytes) {
  std::vector<Stage> stages = stages_of(network, in_blocks(costs));
  if (stages.size() > kLongest) return std::nullopt;
  double once = 0;
  for (const Stage& stage : stages) once += stage.forward_ns + stage.backward_ns;
  const int64_t memory = in_units(stages, costs.layers.front().output_bytes, budget_bytes);
  const auto time = shortest(stages, memory);
  if (!time) return std::nullopt;
  return ChainOptimum{*time, *time - once};
}

std::optional<std::vector<int>> chain_route(const Network& network, const Costs& costs,
                                            int64_t budget_bytes) {
  std::vector<Stage> stages = stages_of(network, in_blocks(costs));
  if (stages.empty() || stages.size() > kLongest) return std::nullopt;
  const int64_t memory = in_units(stages, costs.layers.front().output_bytes, budget_bytes);
  if (memory < 0) return std::nullopt;
  const Chain chain(stages, memory);
  if (chain.time() == kNever) return std::nullopt;
  const std::vector<int> cuts = cuts_of(network);
  std::vector<int> route{0};
  for (const Visit& visit : chain.visits()) {
    const int begin = cuts[visit.stage] + 1, end = cuts[visit.stage + 1] + 1;
    for (int i = begin; i < end; ++i)
      route.push_back(visit.forward ? i : network.steps() - 1 - (end - 1 - (i - begin)));
  }
  route.push_back(network.steps() - 1);
  return route;
}

}  // namespace memsched
