// SPDX-License-Identifier: Apache-2.0
// Level-3 BLAS on pageable matrices through libblasx on a GPU, against cuBLASXt and NVBLAS, and against what card and link allow: the
// larger of arithmetic at cuBLAS's rate in the card's memory, and bytes in and out over the link's rates, all measured here.
//
//   bench_gpu_level3 --ours build/cuda/lib/libblasx.so --json gpu_level3.json
#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <map>

#include "bench/gpu/card_rates.hpp"
#include "bench/gpu/contenders.hpp"
#include "bench/options.hpp"
#include "bench/statistics.hpp"
#include "common/json.hpp"
#include "common/program/command_line.hpp"

namespace {

using namespace blasx::bench;  // NOLINT: a program's own file
using Clock = std::chrono::steady_clock;

struct Options {
  std::string ours = "libblasx.so", host_blas, json_path, command;
  std::vector<std::string> routines{"gemm", "symm", "syrk", "syr2k", "trmm", "trsm"};
  std::vector<char> types{'d', 's'};
  std::vector<int> sizes{4096, 8192, 16384, 32768};
  std::vector<std::string> environment;
  int in_core = 16384, tune = 8192;
  double seconds = 240;
  bool peers = true;
};

struct Row {
  std::string routine;
  int n = 0;
  double operations = 0, bound_s = 0;
  std::map<std::string, double> seconds;  // medians, by contender
  std::map<std::string, double> error;    // over what rounding explains: up to 1 is right
  size_t samples = 0;
};

double since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

template <typename T>
double timed(Contender& who, Family family, Problem<T>& problem) {
  problem.prepare(family);
  const auto start = Clock::now();
  who.run(family, problem);
  return since(start);
}

class Benchmark {
 public:
  explicit Benchmark(Options options) : options_(std::move(options)) {}

  int run() {
    std::vector<Family> families;
    for (const std::string& routine : options_.routines) families.push_back(family_of(routine));
    card_ = measure_card(cuda_, options_.in_core, families);
    fmt::print(stderr, "{}: link {:.1f} GB/s in, {:.1f} out, {:.1f} both; cuBLAS in its memory:",
               card_.card, card_.to_device * 1e-9, card_.to_host * 1e-9, card_.both_ways * 1e-9);
    for (const auto& [name, rate] : card_.in_core)
      fmt::print(stderr, " {} {:.1f}", name, rate * 1e-12);
    fmt::print(stderr, " TFLOP/s\n");
    if (options_.peers) open_peers();
    contenders_.push_back(open_ours(options_.ours));
    for (const int n : options_.sizes) {
      for (const char type : options_.types) {
        if (type == 'd') run_size<double>(n);
        if (type == 's') run_size<float>(n);
      }
    }
    print_table();
    write_json();
    const bool right = std::all_of(rows_.begin(), rows_.end(), [](const Row& row) {
      return !row.error.contains("libblasx") || row.error.at("libblasx") <= 1;
    });
    return right && !rows_.empty() ? 0 : 1;
  }

 private:
  // The peers at their best: cuBLASXt's own settings are tried, NVBLAS gets the same.
  void open_peers() {
    XtSettings best;
    double least = 1e300;
    Problem<double> problem(options_.tune);
    for (const bool pin : {true, false}) {
      for (const int tile : {1024, 2048, 4096}) {
        const XtSettings settings{std::min(tile, options_.tune), pin};
        const auto xt = open_xt(cuda_, settings);
        if (!xt) return void(notes_.emplace_back("cuBLASXt is not there"));
        timed(*xt, Family::Gemm, problem);
        const double took = timed(*xt, Family::Gemm, problem);
        if (took < least) best = settings;
        least = std::min(took, least);
      }
    }
    notes_.push_back(fmt::format("cuBLASXt and NVBLAS with tiles of {}, {}", best.tile,
                                 best.pin ? "pinning" : "not pinning"));
    contenders_.push_back(open_xt(cuda_, best));
    std::string reason;
    auto nvblas = open_nvblas(best, options_.host_blas, reason);
    if (nvblas)
      contenders_.push_back(std::move(nvblas));
    else
      notes_.push_back(reason);
  }

  template <typename T>
  void run_size(int n) {
    const char letter = sizeof(T) == 4 ? 's' : 'd';
    std::unique_ptr<Problem<T>> problem;
    for (const std::string& routine : options_.routines) {
      const Family family = family_of(routine);
      const std::string name = letter + routine;
      const double expected = expected_round_s(name, n);
      if (since(begun_) + expected > options_.seconds) {
        notes_.push_back(fmt::format("{} n={} was not run: no time was left", name, n));
        continue;
      }
      if (!problem) problem = std::make_unique<Problem<T>>(n);
      rows_.push_back(measure(name, family, *problem));
      write_json();  // what is measured is kept, should the time be over in the middle of the next
    }
  }

  // From the next smaller size.
  double expected_round_s(const std::string& name, int n) const {
    double expected = 0;
    for (const Row& row : rows_) {
      if (row.routine != name) continue;
      double round = 0;
      for (const auto& [who, seconds] : row.seconds) round += seconds;
      const double ratio = static_cast<double>(n) / row.n;
      expected = round * ratio * ratio * ratio;
    }
    return expected;
  }

  template <typename T>
  Row measure(const std::string& name, Family family, Problem<T>& problem) {
    const double n = problem.n();
    Row row;
    row.routine = name;
    row.n = problem.n();
    row.operations = operation_count(family, n);
    row.bound_s = std::max({row.operations / card_.in_core.at(name),
                            elements_in(family, n) * sizeof(T) / card_.to_device,
                            elements_out(family, n) * sizeof(T) / card_.to_host});
    // The first round warms up where it costs little; then turn by turn for about a second.
    constexpr double kCheap_s = 0.5, kEnough_s = 1.2;
    constexpr size_t kSamples = 7;
    std::map<std::string, std::vector<double>> seconds;
    const auto start = Clock::now();
    bool warm = false;
    while (row.samples < kSamples && (row.samples == 0 || since(start) < kEnough_s)) {
      const auto round = Clock::now();
      for (const auto& who : contenders_) {
        seconds[who->name()].push_back(timed(*who, family, problem));
        if (!warm) row.error[who->name()] = problem.error(family) / problem.allowed();
      }
      ++row.samples;
      if (!std::exchange(warm, true) && since(round) < kCheap_s) {
        seconds.clear();
        row.samples = 0;
      }
    }
    for (const auto& [who, values] : seconds) row.seconds[who] = median(values);
    print_row(row, stderr);
    return row;
  }

  void print_row(const Row& row, std::FILE* where) const {
    fmt::print(where, "{:<7} {:>6}", row.routine, row.n);
    const double ours = row.seconds.at("libblasx");
    for (const char* who : {"libblasx", "cuBLASXt", "NVBLAS"}) {
      const auto found = row.seconds.find(who);
      const bool wrong = row.error.contains(who) && !(row.error.at(who) <= 1);
      if (found == row.seconds.end())
        fmt::print(where, " {:>10}", "-");
      else
        fmt::print(where, " {:>9.1f}{}", row.operations / found->second * 1e-9, wrong ? "!" : " ");
    }
    fmt::print(where, " {:>9.1f} {:>8.2f} {:>7}\n", row.operations / row.bound_s * 1e-9,
               row.bound_s / ours, row.samples);
  }

  void print_table() const {
    fmt::print("{:<7} {:>6} {:>10} {:>10} {:>10} {:>9} {:>8} {:>7}   GFLOP/s; !: wrong result\n",
               "routine", "n", "libblasx", "cuBLASXt", "NVBLAS", "bound", "of bound", "samples");
    for (const Row& row : rows_) print_row(row, stdout);
    for (const std::string& note : notes_) fmt::print("{}\n", note);
  }

  void write_json() const {
    if (options_.json_path.empty()) return;
    blasx::JsonWriter json;
    json.begin_object().member("benchmark", "gpu_level3").member("command", options_.command);
    json.member("card", card_.card).member("driver", card_.driver).member("runtime", card_.runtime);
    json.member("to_device_bytes_per_s", card_.to_device)
        .member("to_host_bytes_per_s", card_.to_host);
    json.member("both_ways_bytes_per_s", card_.both_ways);
    json.key("in_core_operations_per_s").begin_object();
    for (const auto& [name, rate] : card_.in_core) json.member(name, rate);
    json.end_object();
    json.key("notes").begin_array();
    for (const std::string& note : notes_) json.value(note);
    json.end_array().key("rows").begin_array();
    for (const Row& row : rows_) {
      json.line().begin_object().member("routine", row.routine).member("n", row.n);
      json.member("operations", row.operations).member("bound_s", row.bound_s);
      json.member("samples", static_cast<int64_t>(row.samples)).key("seconds").begin_object();
      for (const auto& [who, seconds] : row.seconds) json.member(who, seconds);
      json.end_object().key("error").begin_object();
      for (const auto& [who, error] : row.error) json.member(who, error);
      json.end_object().end_object();
    }
    json.end_array().end_object();
    std::ofstream(options_.json_path) << json.text() << "\n";
  }

  const Options options_;
  const Clock::time_point begun_ = Clock::now();
  CudaLibraries cuda_;
  CardRates card_;
  std::vector<std::unique_ptr<Contender>> contenders_;
  std::vector<Row> rows_;
  std::vector<std::string> notes_;
};

}  // namespace

// NOLINTNEXTLINE(bugprone-exception-escape): out of memory, a program may end so
int main(int argc, char** argv) {
  Options options;
  CLI::App app("Level-3 BLAS through libblasx on a GPU against cuBLASXt, NVBLAS and the link");
  app.add_option("--ours", options.ours, "libblasx.so")->capture_default_str();
  app.add_option("--host-blas", options.host_blas,
                 "What NVBLAS gives small calls to; without it NVBLAS is left out");
  app.add_option("--routine", options.routines, "Families")->delimiter(',');
  app.add_option("--type", options.types, "s, d")->delimiter(',');
  app.add_option("--size", options.sizes, "n")->delimiter(',');
  app.add_option("--seconds", options.seconds, "No case is begun that would end later")
      ->capture_default_str();
  app.add_option("--in-core", options.in_core, "n for cuBLAS's rate in the card's memory")
      ->capture_default_str();
  app.add_option("--tune", options.tune, "n on which cuBLASXt's settings are tried")
      ->capture_default_str();
  app.add_option("--peers", options.peers, "0: libblasx alone")->capture_default_str();
  app.add_option("--set", options.environment, "Environment of libblasx, NAME=value");
  app.add_option("--json", options.json_path, "File for the results");
  if (const auto status = blasx::parse_command_line(app, argc, argv)) return *status;
  set_environment(options.environment);
  options.command = command_line(argc, argv);
  try {
    return Benchmark(options).run();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_gpu_level3: %s\n", error.what());
    return 1;
  }
}
