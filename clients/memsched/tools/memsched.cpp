// SPDX-License-Identifier: Apache-2.0
// memsched: does a network fit a memory, and how.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <fstream>

#include "clients/memsched/plan/lives.hpp"
#include "clients/memsched/tools/depth.hpp"
#include "clients/memsched/tools/picture.hpp"
#include "clients/memsched/tools/text.hpp"
#include "clients/memsched/tools/train.hpp"
#include "clients/nn/error.hpp"
#include "clients/nn/program/command_line.hpp"

namespace {

namespace tool = memsched::tools;
using memsched::Options;
using memsched::Switches;

struct Arguments {
  std::string net, image, memory, svg, with = "all", replay = "cost", policy = "superneurons";
  int64_t batch = 32, classes = 1000, copies = 3, side = 224;
  bool steps = false, json = false;
  tool::TrainArguments train;
};

Options options_of(const Arguments& a) {
  Options options;
  options.switches = memsched::parse_switches(a.with);
  options.replay = memsched::parse_replay(a.replay);
  options.policy = memsched::parse_policy(a.policy);
  return options;
}

tool::Memory memory_of(const Arguments& a) {
  return {a.memory.empty() ? 0 : tool::parse_bytes(a.memory), a.copies};
}

void write(const std::string& path, const std::string& text) {
  std::ofstream file(path);
  file << text;
  file.close();
  if (!file) throw nn::Error(path + ": cannot be written");
}

int64_t least_memory(const tool::Setting& setting, const Switches& switches) {
  return memsched::l_peak(setting.network, setting.costs, switches.workspaces) +
         fixed_bytes(setting.network, setting.memory);
}

// With --memory: status 1 when the plan asked for does not fit.
int plan(const Arguments& a) {
  const tool::Setting setting = make_setting(a.net, a.batch, a.image, a.classes, memory_of(a));
  Options options = options_of(a);
  options.budget_bytes = setting.budget_bytes();
  auto rows = ladder(setting, options.replay);
  const std::string name = options.policy == memsched::Policy::SuperNeurons
                               ? to_string(options.switches.complete())
                               : a.policy;
  rows.push_back({name.size() > 20 ? "as asked for" : name,
                  memsched::plan(setting.network, setting.costs, options), 0});
  if (!a.svg.empty()) write(a.svg, picture(setting, rows));
  const memsched::Outcome& asked = rows.back().outcome;
  if (a.json) {
    std::fputs(json_of(setting, rows).c_str(), stdout);
  } else {
    std::fputs((heading(setting) + "\n" + ladder_table(rows, options.budget_bytes)).c_str(),
               stdout);
    if (asked.schedule)
      std::fputs(("\n" + workspace_line(setting, *asked.schedule)).c_str(), stdout);
    if (options.budget_bytes > 0) std::fputs(chain_line(setting).c_str(), stdout);
    if (a.steps && asked.schedule)
      std::fputs(("\n" + step_table(setting, *asked.schedule)).c_str(), stdout);
  }
  if (!asked.schedule)
    throw nn::Error(fmt::format(
        "{} does not fit: {}; with {} copies of its parameters that is a memory of {}", a.net,
        asked.why, a.copies, tool::in_mib(least_memory(setting, options.switches))));
  return 0;
}

// "3.2432"; empty where there is nothing to divide by.
std::string times(int64_t depth, int64_t by) {
  if (by == 0) return "";
  return fmt::format("{:.4f}", static_cast<double>(depth) / static_cast<double>(by));
}

int deepest(const Arguments& a) {
  const tool::Memory memory = memory_of(a);
  auto rungs = tool::rungs();
  rungs.push_back({"all", memsched::kAll});
  if (!a.json)
    fmt::print(
        "the deepest ResNet at batch {}, images 3x{}x{}, in {} ({} copies of the parameters in "
        "it):\n\n"
        "{:<14} {:>7} {:>16} {:>13} {:>14}\n",
        a.batch, a.side, a.side, tool::in_gib(memory.device_bytes), a.copies, "", "depth", "blocks",
        "x nothing's", "x liveness's");
  const bool shows = isatty(STDERR_FILENO) != 0;
  std::vector<int64_t> depths;
  for (const tool::Rung& rung : rungs) {
    const auto hear = [&](int64_t depth) {
      if (!shows) return;
      fmt::print(stderr, "\r{} of {}: {}: trying depth {}   ", depths.size() + 1, rungs.size(),
                 rung.name, depth);
      std::fflush(stderr);
    };
    Options options;
    options.switches = rung.switches;
    options.replay = memsched::parse_replay(a.replay);
    const auto found = tool::deepest(options, memory, a.batch, a.side, hear);
    if (shows) fmt::print(stderr, "\r{:60}\r", "");
    depths.push_back(found.depth);
    const std::string blocks = fmt::format("{}", fmt::join(found.blocks, ","));
    if (a.json)
      fmt::print("{{\"rung\":\"{}\",\"blocks\":\"{}\",\"depth\":{}}}\n", rung.name, blocks,
                 found.depth);
    else
      fmt::print("{:<14} {:>7} {:>16} {:>13} {:>14}{}\n", rung.name, found.depth, blocks,
                 times(found.depth, depths[0]),
                 depths.size() < 2 ? "" : times(found.depth, depths[1]),
                 found.at_end ? "  (searched no further)" : "");
    std::fflush(stdout);
  }
  if (depths.back() > 0) return 0;
  throw nn::Error(fmt::format("not even the ResNet with blocks 6,1,1,6 fits {}", a.memory));
}

void define_memory(CLI::App& app, Arguments& a) {
  app.add_option("--batch", a.batch, "Images in a batch")->capture_default_str();
  app.add_option("--memory", a.memory, "What the device has, 12G; without it as much as it takes")
      ->type_name("BYTES");
  app.add_option("--copies", a.copies,
                 "Copies of the parameters that stay there: weights, gradients, momentum")
      ->check(CLI::Range(0, 8))
      ->capture_default_str();
  app.add_option("--replay", a.replay, "Segments are replayed: speed, memory or cost")
      ->capture_default_str();
  app.add_flag("--json", a.json, "JSON instead of tables");
}

void define_network(CLI::App& app, Arguments& a) {
  app.add_option("--net", a.net, "alexnet, vgg16, resnet152, resnet2498, inception-v4 ...")
      ->required();
  app.add_option("--image", a.image, "224, or 3x224x224; without it what the network was made for");
  app.add_option("--classes", a.classes, "What it tells apart")->capture_default_str();
  app.add_option("--with", a.with,
                 "Techniques: all, none, or some of liveness,offload,cache,recompute,workspaces")
      ->capture_default_str();
  app.add_option("--policy", a.policy, "Who decides what goes: superneurons, dtr or chain")
      ->capture_default_str();
}

void define_train(CLI::App& app, Arguments& a) {
  app.add_option("--steps", a.train.steps, "Steps to train")
      ->check(CLI::Range(1, 1 << 30))
      ->capture_default_str();
  app.add_option("--device", a.train.device, "cpu, cuda or cuda:N")->capture_default_str();
  app.add_option("--conv", a.train.convolution,
                 "gemm, direct, winograd; auto: the fastest, as measured, that finds room")
      ->capture_default_str();
  app.add_option("--rate", a.train.rate, "Learning rate")->capture_default_str();
  app.add_option("--seed", a.train.seed, "Of weights and images")->capture_default_str();
  app.add_flag("--compare", a.train.compare,
               "Beside a twin that keeps everything: the same bits, and what the plan costs");
  app.footer(
      "Example: memsched train --net resnet18 --image 64 --batch 16 --memory 200M --compare");
}

void define(CLI::App& app, Arguments& a) {
  auto* plan = app.add_subcommand("plan", "Does a network fit, at which peak, with what to pay");
  define_network(*plan, a);
  define_memory(*plan, a);
  plan->add_option("--svg", a.svg, "Draw memory over the steps")->type_name("FILE");
  plan->add_flag("--steps", a.steps, "A line for each step");
  plan->footer("Example: memsched plan --net resnet152 --batch 32 --memory 12G --svg memory.svg");
  auto* deepest = app.add_subcommand(
      "deepest", "The deepest ResNet that fits, one technique more on each rung");
  define_memory(*deepest, a);
  deepest->get_option("--memory")->required();
  deepest->add_option("--image", a.side, "Side of the images")
      ->check(CLI::Range(32, 4096))
      ->capture_default_str();
  auto* train = app.add_subcommand("train", "Trains under a plan");
  define_network(*train, a);
  define_memory(*train, a);
  define_train(*train, a);
  app.require_subcommand(1);
  app.set_version_flag("--version", "memsched " BLASX_VERSION);
  app.footer("memsched plan --help, deepest --help and train --help tell more; man memsched.");
}

int run(int argc, char** argv) {
  CLI::App app{
      "Plans the memory of a training iteration: what stays, what is moved, what is computed "
      "again."};
  Arguments a;
  define(app, a);
  nn::parse_command_line(app, argc, argv);
  if (app.got_subcommand("plan")) return plan(a);
  if (app.got_subcommand("deepest")) return deepest(a);
  return tool::train(make_setting(a.net, a.batch, a.image, a.classes, memory_of(a)), options_of(a),
                     a.train);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "memsched: %s\n", error.what());
    return 1;
  }
}
