// SPDX-License-Identifier: Apache-2.0
#include "clients/memsched/tools/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "clients/memsched/plan/chain.hpp"
#include "clients/memsched/plan/lives.hpp"

namespace memsched::tools {
namespace {

using nn::graph::LayerKind;

double mib(int64_t bytes) { return static_cast<double>(bytes) / 1048576; }
double gib(int64_t bytes) { return mib(bytes) / 1024; }

const auto& layer_of(const Setting& setting, int step) {
  return setting.network.layers[static_cast<size_t>(layer_of_step(setting.network, step))];
}

// Where the time goes beyond computing each step once, by the model's rates.
double replay_share(const Schedule& s) {
  const int64_t once = s.compute_ns - s.replay_ns;
  return once == 0 ? 0 : 100.0 * static_cast<double>(s.replay_ns) / static_cast<double>(once);
}

// For JSON: null where there is none.
std::string chain_share(const Setting& setting) {
  if (setting.budget_bytes() == 0) return "null";
  const auto found = chain_optimum(setting.network, setting.costs, setting.budget_bytes());
  if (!found) return "null";
  return fmt::format("{}", found->replay_ns / (found->compute_ns - found->replay_ns));
}

}  // namespace

std::string heading(const Setting& setting) {
  const auto& network = setting.network;
  const auto& in = network.input();
  std::string text =
      fmt::format("{}, batch {}, images {}x{}x{}: {} layers, {} steps, {:.1f} M parameters\n",
                  network.name, setting.batch, in.c, in.h, in.w, network.size(), network.steps(),
                  static_cast<double>(parameter_elems(network)) / 1e6);
  if (setting.memory.device_bytes > 0)
    text += fmt::format(
        "memory {}: {} for {} copies of the parameters (weights, gradients, momentum), {} for "
        "tensors\n",
        in_gib(setting.memory.device_bytes), in_gib(fixed_bytes(network, setting.memory)),
        setting.memory.copies, in_gib(setting.budget_bytes()));
  text += fmt::format("l_peak {}: what the hungriest layer alone needs\n",
                      in_mib(l_peak(network, setting.costs)));
  return text;
}

std::string ladder_table(const std::vector<Row>& rows, int64_t budget_bytes) {
  std::string text =
      fmt::format("{:<22} {:>11} {:>11} {:>11} {:>5} {:>8} {:>8} {:>9} {:>9}\n", "", "peak MiB",
                  "formula", "arena MiB", "fits", "replays", "compute", "out GiB", "in GiB");
  for (const Row& row : rows) {
    if (!row.outcome.schedule) {
      text += fmt::format("{:<22} {}\n", row.name, row.outcome.why);
      continue;
    }
    const Schedule& s = *row.outcome.schedule;
    const bool fits = budget_bytes == 0 || s.arena_bytes <= budget_bytes;
    text += fmt::format(
        "{:<22} {:>11.2f} {:>11} {:>11.2f} {:>5} {:>8} {:>+7.1f}% {:>9.2f} {:>9.2f}\n", row.name,
        mib(s.peak_bytes), row.papers_peak == 0 ? "" : fmt::format("{:.2f}", mib(row.papers_peak)),
        mib(s.arena_bytes), fits ? "yes" : "no", s.replays, replay_share(s), gib(s.bytes_out),
        gib(s.bytes_in));
  }
  return text;
}

std::string workspace_line(const Setting& setting, const Schedule& schedule) {
  int64_t steps = 0, fastest = 0, largest = 0;
  for (const Action& action : schedule.actions) {
    if (action.kind != ActionKind::Run || layer_of(setting, action.step).kind != LayerKind::Conv)
      continue;
    const auto& cost =
        setting.costs.layers[static_cast<size_t>(layer_of_step(setting.network, action.step))];
    const auto& ways = is_forward(setting.network, action.step) ? cost.forward : cost.backward;
    const int64_t best = std::min_element(ways.begin(), ways.end(), [](auto& a, auto& b) {
                           return a.time_ns < b.time_ns;
                         })->time_ns;
    ++steps;
    fastest += ways[static_cast<size_t>(action.algorithm)].time_ns == best ? 1 : 0;
    largest = std::max(largest, action.bytes);
  }
  return fmt::format(
      "workspaces: {} of {} convolution steps have room for their fastest algorithm; the largest "
      "taken is {}\n",
      fastest, steps, in_mib(largest));
}

std::string chain_line(const Setting& setting) {
  const auto found = chain_optimum(setting.network, setting.costs, setting.budget_bytes());
  if (!found) return "chain optimum: whole stages kept or replayed do not fit, or are too many\n";
  return fmt::format(
      "chain optimum: whole stages kept or replayed, nothing moved, cost {:+.1f}% of computing\n",
      100 * found->replay_ns / (found->compute_ns - found->replay_ns));
}

std::string step_table(const Setting& setting, const Schedule& schedule) {
  std::string text = fmt::format("{:>6} {:<9} {:<22} {:>11} {:>14} {:>8}\n", "step", "", "layer",
                                 "peak MiB", "workspace MiB", "replays");
  for (int step = 0; step < setting.network.steps(); ++step) {
    const auto i = static_cast<size_t>(step);
    text += fmt::format("{:>6} {:<9} {:<22} {:>11.2f} {:>14.2f} {:>8}\n", step,
                        is_forward(setting.network, step) ? "forward" : "backward",
                        layer_of(setting, step).name, mib(schedule.step_peak_bytes[i]),
                        mib(schedule.step_workspace_bytes[i]), schedule.step_replays[i]);
  }
  return text;
}

std::string json_of(const Setting& setting, const std::vector<Row>& rows) {
  std::string text = fmt::format(
      R"({{"net":"{}","batch":{},"layers":{},"parameters":{},"l_peak_bytes":{},"budget_bytes":{},"chain_replay_share":{},"rows":[)",
      setting.network.name, setting.batch, setting.network.size(), parameter_elems(setting.network),
      l_peak(setting.network, setting.costs), setting.budget_bytes(), chain_share(setting));
  for (const Row& row : rows) {
    text += fmt::format(R"({}{{"name":"{}")", &row == rows.data() ? "" : ",", row.name);
    if (row.outcome.schedule) {
      const Schedule& s = *row.outcome.schedule;
      text += fmt::format(
          R"(,"peak_bytes":{},"formula_bytes":{},"arena_bytes":{},"replays":{},"compute_ns":{},"replay_ns":{},"bytes_out":{},"bytes_in":{},"bytes_compacted":{},"host_peak_bytes":{})",
          s.peak_bytes, row.papers_peak, s.arena_bytes, s.replays, s.compute_ns, s.replay_ns,
          s.bytes_out, s.bytes_in, s.bytes_compacted, s.host_peak_bytes);
    } else {
      text += fmt::format(R"(,"why":"{}")", row.outcome.why);
    }
    text += "}";
  }
  return text + "]}\n";
}

}  // namespace memsched::tools
