// SPDX-License-Identifier: Apache-2.0
// blasx-sim: what a call would do on a machine that need not be there.
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <optional>
#include <sstream>
#include <utility>

#include "blasx/device/sim/machine_file.hpp"
#include "blasx/runtime/sim/best_tile.hpp"
#include "blasx/runtime/sim/call.hpp"
#include "blasx/tools/program_file.hpp"
#include "blasx/tools/sim/arguments.hpp"
#include "blasx/tools/sim/replay.hpp"
#include "blasx/tools/sim/report.hpp"
#include "blasx/trace/file.hpp"
#include "common/parse.hpp"
#include "common/program/command_line.hpp"

namespace {

namespace run_sim = blasx::runtime::sim;
namespace tool = blasx::tools::sim;
using blasx::Result;
using blasx::Status;
using blasx::device::sim::Machine;
using run_sim::Outcome;
using run_sim::PolicyKind;

struct Arguments {
  std::string machine, devices, tile = "auto", policy = "blasx", memory, trace, gantt, replay;
  run_sim::CallText call;
  std::vector<std::string> routines{"dgemm"};
  std::vector<int64_t> sizes;
  std::vector<std::string> slow, fail;
  int32_t streams = 0;
  bool compare = false, json = false;
  uint64_t seed = 1;
  double jitter = 0;
};

int refuse(const Status& status) {
  std::fprintf(stderr, "blasx-sim: %s\n", status.message().c_str());
  return 2;
}

void define(CLI::App& app, Arguments& a) {
  app.add_option("--machine", a.machine, "Machine file, or the name of one that is installed")
      ->required()
      ->type_name("FILE");
  app.add_option("--routine", a.routines, "dgemm, ssyrk, ztrsm ...; several with commas")
      ->delimiter(',')
      ->capture_default_str();
  auto* sizes = app.add_option("-n", a.sizes, "Order n; several with commas")->delimiter(',');
  auto* replay = app.add_option("--replay", a.replay,
                                "Simulate the calls of a log that BLASX_EXPLAIN=1 wrote instead")
                     ->type_name("FILE")
                     ->check(CLI::ExistingFile)
                     ->excludes(sizes);
  app.callback([sizes, replay] {
    if (sizes->count() + replay->count() == 0) throw CLI::RequiredError("-n or --replay");
  });
  app.add_option("-m", a.call.m, "Rows m of C; without it as n");
  app.add_option("-k", a.call.k, "Inner dimension k; without it as n");
  app.add_option("--side", a.call.side, "left or right")->capture_default_str();
  app.add_option("--uplo", a.call.uplo, "lower or upper")->capture_default_str();
  app.add_option("--trans", a.call.trans_a, "n, t or c, of A")->capture_default_str();
  app.add_option("--transb", a.call.trans_b, "n, t or c, of B")->capture_default_str();
  app.add_flag("--beta", a.call.beta, "beta is not 0: C is read too");
  app.add_option(
      "--devices", a.devices,
      "3: the first three; 1..3: runs with one, two, three; gpu0,gpu2: these; without it all");
  app.add_option("--tile", a.tile, "Edge of a tile; auto: as the library chooses; best: searched")
      ->capture_default_str();
  app.add_option("--streams", a.streams, "Tasks at once on a device; 0: as the machine file says")
      ->check(CLI::Range(0, 64))
      ->capture_default_str();
  app.add_option("--memory", a.memory,
                 "Most that a device's arena takes, as BLASX_DEVICE_MEMORY caps it: 768M")
      ->type_name("BYTES");
  app.add_option("--policy", a.policy, "Who schedules: blasx, no-peers, static or xt")
      ->check(CLI::IsMember({"blasx", "no-peers", "static", "xt"}))
      ->capture_default_str();
  app.add_flag("--compare", a.compare, "All policies, each at its best tile");
  app.add_option("--slow", a.slow,
                 "DEVICE:FACTOR@SECONDS: its kernels take so many times as long from then on");
  app.add_option("--fail", a.fail, "DEVICE@SECONDS: it is lost then");
  app.add_option("--jitter", a.jitter, "Each copy takes up to this part longer")
      ->check(CLI::Range(0.0, 100.0))
      ->capture_default_str();
  app.add_option("--seed", a.seed, "Of the jitter")->capture_default_str();
  app.add_flag("--json", a.json, "One JSON object a run");
  app.add_option("--trace", a.trace, "Write the last run's timeline, for ui.perfetto.dev")
      ->type_name("FILE");
  app.add_option("--gantt", a.gantt, "Draw the last run, SVG")->type_name("FILE");
  app.set_version_flag("--version", "blasx-sim " BLASX_VERSION);
  app.footer("Example: blasx-sim --machine everest --routine dgemm -n 16384 --devices 1..3");
}

std::vector<std::string> machine_folders() {
  return {".", blasx::tools::own_folder() + "/../share/blasx/machines", "bench/machines"};
}

Result<Outcome> simulate(const Machine& machine, const run_sim::Request& request, bool search) {
  return search ? run_sim::run_best_tile(machine, request) : run_sim::run(machine, request);
}

class Program {
 public:
  Program(const Arguments& a, const Machine& machine) : a_(a), machine_(machine) {}

  Status prepare() {
    const auto sets = tool::device_sets(a_.devices, machine_);
    if (!sets) return sets.error();
    sets_ = *sets;
    for (const auto& [texts, loses] : {std::pair{&a_.slow, false}, {&a_.fail, true}}) {
      for (const std::string& text : *texts) {
        const auto fault = tool::fault_of(text, loses, machine_);
        if (!fault) return fault.error();
        faults_.push_back(*fault);
      }
    }
    if (a_.tile != "auto" && a_.tile != "best") {
      const auto edge = blasx::parse::integer_in(a_.tile, 8, 1 << 20);
      if (!edge) {
        return Status(blasx::StatusCode::InvalidArgument,
                      "tile " + a_.tile + ": accepted: auto, best, or 8 to 1048576");
      }
      edge_ = *edge;
    }
    for (const PolicyKind kind : run_sim::kPolicies) {
      if (a_.compare || a_.policy == policy_name(kind)) policies_.push_back(kind);
    }
    return {};
  }

  Status run() {
    for (const std::string& routine : a_.routines) {
      for (const int64_t n : a_.sizes) {
        run_sim::CallText text = a_.call;
        text.routine = routine;
        text.n = n;
        const auto call = run_sim::make_call(text);
        if (!call) return call.error();
        if (Status status = run_call(routine, *call); !status) return status;
      }
    }
    return {};
  }

  // The first set of devices, the first policy.
  Result<std::string> replay() {
    std::ifstream in(a_.replay);
    std::stringstream text;
    text << in.rdbuf();
    auto calls = tool::calls_of_log(text.str(), a_.replay);
    if (!calls) return blasx::failure(calls.error());
    for (tool::ReplayedCall& replayed : *calls) {
      const auto call = run_sim::make_call(replayed.call);
      if (!call) return blasx::failure(call.error());
      const auto outcome =
          simulate(machine_, request_of(*call, policies_[0], sets_[0]), a_.tile == "best");
      if (!outcome) return blasx::failure(outcome.error());
      replayed.virtual_s = outcome->seconds;
    }
    return tool::replay_text(machine_.name, *calls);
  }

  const std::vector<tool::Row>& rows() const { return rows_; }

 private:
  Status run_call(const std::string& routine, const blasx::BlasCall& call) {
    for (const PolicyKind policy : policies_) {
      double alone = 0;  // seconds of the first device
      for (const auto& set : sets_) {
        run_sim::Request request = request_of(call, policy, set);
        request.keep_spans = !a_.trace.empty() || !a_.gantt.empty();
        const bool search = a_.tile == "best" || (a_.compare && !edge_);
        const auto outcome = simulate(machine_, request, search);
        if (!outcome) return outcome.error();
        if (alone <= 0) {
          request.devices = {set.front()};
          request.faults = tool::faults_among(faults_, request.devices);
          request.keep_spans = false;
          const auto one = set.size() == 1 ? outcome : simulate(machine_, request, search);
          if (!one) return one.error();
          if (one->committed == one->tasks) alone = one->seconds;
        }
        const bool whole = outcome->committed == outcome->tasks;
        rows_.push_back({machine_.name, routine, call.m, call.n, call.k,
                         whole && alone > 0 ? alone / outcome->seconds : 0, *outcome});
      }
    }
    return {};
  }

  run_sim::Request request_of(const blasx::BlasCall& call, PolicyKind policy,
                              const std::vector<int32_t>& set) const {
    run_sim::Request request;
    request.call = call;
    request.devices = set;
    request.policy = policy;
    request.tile = edge_;
    request.streams = a_.streams;
    request.noise = {a_.seed, a_.jitter, 0};
    request.faults = tool::faults_among(faults_, set);
    return request;
  }

  const Arguments& a_;
  const Machine& machine_;
  std::vector<std::vector<int32_t>> sets_;
  std::vector<blasx::device::sim::Fault> faults_;
  std::vector<PolicyKind> policies_;
  std::optional<int64_t> edge_;
  std::vector<tool::Row> rows_;
};

Status cap_memory(const std::string& text, Machine& machine) {
  const auto bytes = blasx::parse::bytes(text);
  if (!bytes)
    return Status(blasx::StatusCode::InvalidArgument, "memory " + bytes.error().message());
  for (auto& kind : machine.kinds)
    kind.memory_bytes = std::min(kind.memory_bytes, static_cast<double>(*bytes));
  return {};
}

int print(const Arguments& a, const std::vector<tool::Row>& rows) {
  std::string text;
  if (a.json) {
    text = tool::json_lines(rows);
  } else {
    text = rows.back().machine + "\n" + tool::table_text(rows);
    if (!a.compare) text += "\nof the last run:\n" + tool::detail_text(rows.back());
  }
  for (const auto& [path, content] :
       {std::pair{&a.trace, &tool::timeline_json}, {&a.gantt, &tool::gantt_svg}}) {
    if (path->empty()) continue;
    const Status status = blasx::trace::replace_file(*path, content(rows.back()));
    if (!status) return refuse(Status(status.code(), *path + ": " + status.message()));
  }
  return std::fputs(text.c_str(), stdout) >= 0 && std::fflush(stdout) == 0 ? 0 : 1;
}

}  // namespace

// NOLINTNEXTLINE(bugprone-exception-escape): out of memory, a program may end so
int main(int argc, char** argv) {
  CLI::App app(
      "Runs a level-3 BLAS call on a machine that a file describes, under a virtual clock: the "
      "library's own\nscheduler and tile cache, with kernels and copies that take the time the "
      "file "
      "says.");
  Arguments arguments;
  define(app, arguments);
  if (const auto status = blasx::parse_command_line(app, argc, argv)) return *status;
  const auto path = tool::find_machine(arguments.machine, machine_folders());
  if (!path) return refuse(path.error());
  auto machine = blasx::device::sim::read_machine(*path);
  if (!machine) return refuse(machine.error());
  if (!arguments.memory.empty()) {
    if (const Status status = cap_memory(arguments.memory, *machine); !status)
      return refuse(status);
  }
  Program program(arguments, *machine);
  if (const Status status = program.prepare(); !status) return refuse(status);
  if (!arguments.replay.empty()) {
    const auto text = program.replay();
    if (!text) return refuse(text.error());
    return std::fputs(text->c_str(), stdout) >= 0 && std::fflush(stdout) == 0 ? 0 : 1;
  }
  if (const Status status = program.run(); !status) return refuse(status);
  return print(arguments, program.rows());
}
