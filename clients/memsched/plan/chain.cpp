// SPDX-License-Identifier: Apache-2.0
#include "clients/memsched/plan/chain.hpp"

#include <algorithm>
#include <limits>

#include "clients/memsched/plan/lives.hpp"

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
  const size_t n = stages.size();
  if (n == 0 || memory < 0) return std::nullopt;
  Table table(n, memory);
  for (size_t first = n; first-- > 0;) {
    const Stage& s = stages[first];
    for (size_t last = first; last < n; ++last) {
      const int64_t above = stages[last].gradient;
      // Saving all of the first stage, now and in its backward.
      const int64_t keeps =
          std::max(above + s.all + s.forward_extra, s.gradient + s.all + s.backward_extra);
      // Running forward to some stage and saving only that one's input.
      int64_t passes = above + s.output + s.forward_extra;
      for (size_t j = first + 1; j < last; ++j)
        passes = std::max(
            passes, above + stages[j - 1].output + stages[j].output + stages[j].forward_extra);
      for (int64_t m = 0; m <= memory; ++m) {
        double best = kNever;
        if (m >= keeps) {
          const double rest = first == last ? 0 : table.get(first + 1, last, m - s.all);
          best = s.forward_ns + rest + s.backward_ns;
        }
        if (m >= passes) {
          double run = 0;
          for (size_t next = first + 1; next <= last; ++next) {
            run += stages[next - 1].forward_ns;
            best = std::min(best, run + table.get(next, last, m - stages[next - 1].output) +
                                      table.get(first, next - 1, m));
          }
        }
        table.set(first, last, m, best);
      }
    }
  }
  const double found = table.get(0, n - 1, memory);
  if (found == kNever) return std::nullopt;
  return found;
}

std::optional<ChainOptimum> chain_optimum(const Network& network, const Costs& costs,
                                          int64_t budget_bytes) {
  std::vector<Stage> stages = stages_of(network, costs);
  if (stages.size() > kLongest) return std::nullopt;
  const int64_t unit = std::max<int64_t>(1, budget_bytes / kUnits);
  double once = 0;
  for (Stage& stage : stages) {
    once += stage.forward_ns + stage.backward_ns;
    for (int64_t* size :
         {&stage.output, &stage.all, &stage.gradient, &stage.forward_extra, &stage.backward_extra})
      *size = (*size + unit - 1) / unit;
  }
  const int64_t data = (costs.layers.front().output_bytes + unit - 1) / unit;
  const auto time = shortest(stages, budget_bytes / unit - data);
  if (!time) return std::nullopt;
  return ChainOptimum{*time, *time - once};
}

}  // namespace memsched
