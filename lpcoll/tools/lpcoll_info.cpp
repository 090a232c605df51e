// SPDX-License-Identifier: Apache-2.0
// lpcoll-info: which way calls would take on the communicator that it is started with, or on one that it is told of, and why.
#include <fmt/format.h>
#include <mpi.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "common/parse.hpp"
#include "common/program/command_line.hpp"
#include "lpcoll/api/communicator.hpp"
#include "lpcoll/api/measure.hpp"
#include "lpcoll/tune/choose.hpp"

namespace {

using lpcoll::tune::Choice;
using lpcoll::tune::Collective;
using lpcoll::tune::Facts;
using lpcoll::tune::Transport;

struct Options {
  std::vector<std::string> sizes = {"4K", "64K", "256K", "1M", "4M", "16M", "64M"};
  std::vector<std::string> collectives = {"broadcast", "reduce", "allreduce"};
  int ranks = 0;  // 0: those of MPI_COMM_WORLD
  int hosts = 1;
  bool variables = false;
};

constexpr const char* kCollectives[] = {"broadcast", "reduce", "allreduce"};

std::string size_text(int64_t bytes) {
  constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB"};
  int unit = 0;
  while (unit < 3 && bytes >= 1024 && bytes % 1024 == 0) {
    bytes /= 1024;
    ++unit;
  }
  return fmt::format("{} {}", bytes, kUnits[unit]);
}

std::string algorithm_of(const Choice& choice, int ranks) {
  if (choice.transport == Transport::None) return "MPI's own";
  if (choice.transport == Transport::Shm)
    return choice.way == lpcoll::tune::NodeWay::Direct ? "one copy" : "shared slots";
  if (choice.trees) return "two trees";
  if (choice.chains == 1) return "chain";
  return choice.chains == ranks ? "ring" : fmt::format("{} chains", choice.chains);
}

void print_table(const Options& options, const std::vector<int64_t>& sizes, Facts facts,
                 const lpcoll::tune::Settings& settings) {
  fmt::print("{:<10} {:>9}  {:<14} {:<13} {:>8} {:>10}  {}\n", "", "bytes", "transport",
             "algorithm", "segment", "predicted", "why");
  constexpr const char* kTransports[] = {"", "shared memory", "point to point", "MPI"};
  for (const std::string& name : options.collectives) {
    facts.collective =
        static_cast<Collective>(std::find(std::begin(kCollectives), std::end(kCollectives), name) -
                                std::begin(kCollectives));
    for (const int64_t bytes : sizes) {
      facts.bytes = bytes;
      const Choice choice = choose(facts, settings);
      const double seconds = predicted_seconds(facts, choice, settings);
      fmt::print("{:<10} {:>9}  {:<14} {:<13} {:>8} {:>10}  {}{}\n", name, size_text(bytes),
                 kTransports[static_cast<int>(choice.transport)], algorithm_of(choice, facts.ranks),
                 choice.segment > 0 && choice.transport == Transport::Mpi
                     ? size_text(choice.segment / 1024 * 1024)
                     : "-",
                 seconds > 0 ? fmt::format("{:.2f} ms", seconds * 1e3) : "-", choice.reason,
                 choice.transport == Transport::None && choice.crossover > 0
                     ? " of " + size_text(choice.crossover)
                     : "");
    }
  }
}

void print_variables() {
#define LPCOLL_SETTING(NAME, field, parser, accepted, help) \
  fmt::print("LPCOLL_{:<14}{}\n{:21}{}\n", #NAME, accepted, "", help);
#include "lpcoll/config.def"
#undef LPCOLL_SETTING
}

// The state that a program's large calls would find; collective.
const lpcoll::api::Communicator* world() {
  lpcoll::api::Communicator* state = lpcoll::api::communicator_of(MPI_COMM_WORLD);
  constexpr int64_t kLarge = int64_t{1} << 40;
  for (const auto collective : {Collective::Bcast, Collective::Reduce, Collective::Allreduce}) {
    if (state != nullptr &&
        lpcoll::tune::wants_measuring({collective, kLarge, state->size, state->hosts,
                                       state->node != nullptr, state->measured},
                                      state->settings)) {
      lpcoll::api::measure(*state, collective);
    }
  }
  return state;
}

// Of rank 0 alone; the communicator was made by all.
void print_report(const Options& options, const std::vector<int64_t>& sizes) {
  char mpi[MPI_MAX_LIBRARY_VERSION_STRING] = "";
  int length = 0;
  PMPI_Get_library_version(mpi, &length);
  std::string version(mpi, static_cast<size_t>(length));
  version.resize(std::min(version.find_first_of(",\n"), version.size()));
  fmt::print("liblpcoll {} over {}\n", LPCOLL_VERSION, version);
  Facts facts;
  lpcoll::tune::Settings settings;
  const lpcoll::api::Communicator* state = options.ranks > 0 ? nullptr : world();
  if (state != nullptr) {
    facts = {Collective::Bcast,
             0,
             state->size,
             state->hosts,
             state->node != nullptr,
             state->measured,
             state->node != nullptr && state->node->reaches_all()};
    settings = state->settings;
  } else {
    facts = {Collective::Bcast, 0, options.ranks, options.hosts, options.hosts == 1, {}};
    settings = lpcoll::tune::read_settings();
  }
  fmt::print("{} rank{} on {} host{}{}\n{}", facts.ranks, facts.ranks == 1 ? "" : "s", facts.hosts,
             facts.hosts == 1 ? "" : "s",
             facts.hosts > 1 || facts.ranks == 1 ? ""
             : facts.node_ready                  ? ", which share memory"
                                                 : ", which share no memory",
             facts.hosts > 1 ? "" : "\n");
  if (facts.hosts > 1) {
    const lpcoll::tune::Link link = lpcoll::tune::link_of(facts.measured.link, settings);
    fmt::print(
        "{}: {:.2g} us a message and {:.2g} until it is there, {:.3g} MB/s each way, sums at "
        "{:.2g} "
        "GB/s\n\n",
        facts.measured.link.beta > 0 ? "measured" : "assumed", link.alpha * 1e6, link.latency * 1e6,
        1e-6 / link.beta, 1e-9 / link.gamma);
  }
  print_table(options, sizes, facts, settings);
}

int run(const Options& options) {
  std::vector<int64_t> sizes;
  for (const std::string& text : options.sizes) {
    const auto bytes = blasx::parse::bytes(text);
    if (!bytes || *bytes < 0) {
      fmt::print(stderr, "lpcoll-info: --bytes {}: accepted are sizes such as 4096, 64K, 16M\n",
                 text);
      return 2;
    }
    sizes.push_back(*bytes);
  }
  int rank = 0;
  PMPI_Comm_rank(MPI_COMM_WORLD, &rank);
  if (rank == 0) {
    print_report(options, sizes);
  } else if (options.ranks == 0) {
    world();
  }
  return 0;
}

}  // namespace

// NOLINTNEXTLINE(bugprone-exception-escape): out of memory, a program may end so
int main(int argc, char** argv) {
  Options options;
  CLI::App app(
      "Shows which way large broadcasts, reduces and allreduces would take, and why. Started as a\n"
      "program would be, it speaks of MPI_COMM_WORLD: mpirun -np 8 lpcoll-info --bytes 1M,64M\n"
      "or of ranks that are not there: lpcoll-info --ranks 64 --hosts 8");
  app.add_option("--bytes", options.sizes, "Sizes of the message, such as 64K,16M")->delimiter(',');
  app.add_option("--collective", options.collectives, "Of broadcast, reduce and allreduce")
      ->delimiter(',')
      ->check(CLI::IsMember({"broadcast", "reduce", "allreduce"}));
  auto* ranks = app.add_option("--ranks", options.ranks, "As if there were so many ranks")
                    ->check(CLI::Range(1, 1 << 20));
  app.add_option("--hosts", options.hosts, "on so many hosts")
      ->check(CLI::Range(1, 1 << 20))
      ->needs(ranks);
  app.add_flag("--variables", options.variables, "Explain every setting instead");
  app.set_version_flag("--version", LPCOLL_VERSION);
  if (const auto status = blasx::parse_command_line(app, argc, argv)) return *status;
  if (options.variables) {
    print_variables();
    return 0;
  }
  MPI_Init(&argc, &argv);
  const int status = run(options);
  MPI_Finalize();
  return status;
}
