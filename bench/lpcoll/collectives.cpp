// SPDX-License-Identifier: Apache-2.0
// bench_collectives: broadcast, reduce and allreduce of liblpcoll against those of the MPI underneath, turn by turn in one run. The
// library comes by LD_PRELOAD; the peer is MPI's own PMPI_ names.
#include <dlfcn.h>
#include <mpi.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "bench/harness.hpp"
#include "bench/options.hpp"
#include "bench/probe.hpp"
#include "bench/report.hpp"
#include "common/parse.hpp"
#include "common/program/command_line.hpp"

namespace {

using blasx::bench::Attempt;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

struct Functions {
  decltype(&MPI_Bcast) bcast = nullptr;
  decltype(&MPI_Reduce) reduce = nullptr;
  decltype(&MPI_Allreduce) allreduce = nullptr;
};

Functions named(const std::string& prefix) {
  const auto find = [&](const char* name) { return dlsym(RTLD_DEFAULT, (prefix + name).c_str()); };
  return {reinterpret_cast<decltype(&MPI_Bcast)>(find("_Bcast")),
          reinterpret_cast<decltype(&MPI_Reduce)>(find("_Reduce")),
          reinterpret_cast<decltype(&MPI_Allreduce)>(find("_Allreduce"))};
}

// Launchers bind ranks to cores; a probe or a description is of all of them.
class OnAllCores {
 public:
  OnAllCores() {
    cpu_set_t all;
    CPU_ZERO(&all);
    for (int i = 0; i < CPU_SETSIZE; ++i) CPU_SET(i, &all);
    sched_getaffinity(0, sizeof bound_, &bound_);
    sched_setaffinity(0, sizeof all, &all);
  }
  ~OnAllCores() { sched_setaffinity(0, sizeof bound_, &bound_); }
  OnAllCores(const OnAllCores&) = delete;
  OnAllCores& operator=(const OnAllCores&) = delete;

 private:
  cpu_set_t bound_ = {};
};

blasx::bench::ScalingProbe probe_of_all_cores(double part) {
  const OnAllCores all;
  return blasx::bench::ScalingProbe(static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN)), part);
}

struct Options {
  blasx::bench::Settings settings;
  std::vector<std::string> sizes = {"8", "1K", "16K", "64K", "256K", "1M", "4M", "16M", "64M"};
  std::vector<std::string> collectives = {"broadcast", "reduce", "allreduce"};
  std::string names = "MPI";
  double port_bits = 0;
};

// Waits without keeping a core busy: a probe is running.
void sleep_until_all_are_here() {
  MPI_Request request = MPI_REQUEST_NULL;
  PMPI_Ibarrier(MPI_COMM_WORLD, &request);
  for (int done = 0; done == 0;) {
    PMPI_Test(&request, &done, MPI_STATUS_IGNORE);
    if (done == 0) usleep(500);
  }
}

class Bench {
 public:
  Bench(const Options& options, const Functions& ours)
      : options_(options),
        ours_(ours),
        mpis_{PMPI_Bcast, PMPI_Reduce, PMPI_Allreduce},
        probe_(probe_of_all_cores(options.settings.probe_part)) {
    PMPI_Comm_rank(MPI_COMM_WORLD, &rank_);
    PMPI_Comm_size(MPI_COMM_WORLD, &ranks_);
  }

  // On all ranks; the row counts on rank 0.
  blasx::bench::Row run(const std::string& collective, int64_t bytes) {
    // Short calls are timed in heaps, and short heaps several in a sample. Each call of a heap has its own values: of what was sent
    // before, a rank may have a copy in its cache, which no program that sends something new finds there.
    constexpr double kHeap = 200e-6, kSample = 8e-3;
    constexpr int64_t kHeapBytes = int64_t{1} << 20;
    constexpr int kMostCalls = 1000, kMostTurns = 20;
    // On one host the library tries its ways on the first ones; between hosts, where calls take seconds, they only connect.
    const int cold_calls = options_.port_bits > 0 ? 1 : 12;
    count_ = static_cast<size_t>(std::max<int64_t>(1, bytes / 4));
    calls_ = 1;
    make_room(collective);
    for (int i = 0; i < cold_calls; ++i) once(collective, mpis_);
    for (int i = 0; i < cold_calls; ++i) once(collective, ours_);
    const double one = once(collective, mpis_);
    const auto most = static_cast<int>(std::clamp<int64_t>(kHeapBytes / bytes, 1, kMostCalls));
    calls_ = std::clamp(static_cast<int>(kHeap / one), 1, most);
    const int turns = std::clamp(static_cast<int>(kSample / (one * calls_)), 1, kMostTurns);
    make_room(collective);
    std::vector<Attempt> attempts;
    const auto start = Clock::now();
    int kept = 0;
    bool good = machine_is_good();
    while (agreed(kept < options_.settings.samples &&
                  (attempts.empty() || seconds_since(start) < options_.settings.seconds))) {
      Attempt attempt;
      for (int half = 0; half < 2 * turns; ++half) {
        const bool is_ours = (attempts.size() + static_cast<size_t>((half + 1) / 2)) % 2 == 0;
        (is_ours ? attempt.ours_s : attempt.peer_s) +=
            once(collective, is_ours ? ours_ : mpis_) / turns;
      }
      const bool good_after = machine_is_good();
      attempt.probes_good = good && good_after;
      kept += attempt.probes_good ? 1 : 0;
      good = good_after;
      attempts.push_back(attempt);
    }
    blasx::bench::Row row;
    row.name = collective + " " + size_text(bytes);
    row.group = collective;
    row.calls = calls_;
    row.summary = blasx::bench::summarise(attempts);
    if (options_.port_bits > 0) {
      row.bound = blasx::bench::Bound::Bytes;
      const double factor = collective == "allreduce" ? 2.0 * (ranks_ - 1) / ranks_ : 1.0;
      row.bound_s = factor * static_cast<double>(bytes) * 8 / options_.port_bits;
    }
    if (rank_ == 0)
      std::fprintf(stderr, "%s: ratio %.3f, %zu kept, %d thrown away, %.1f s\n", row.name.c_str(),
                   row.summary.ratio, row.summary.ours_s.size(), row.summary.thrown,
                   seconds_since(start));
    return row;
  }

  int faults() const { return faults_; }
  int rank() const { return rank_; }
  int ranks() const { return ranks_; }
  double peak() const { return probe_.peak_operations_per_second(); }

 private:
  static std::string size_text(int64_t bytes) {
    if (bytes >= 1 << 20) return std::to_string(bytes >> 20) + " MiB";
    if (bytes >= 1 << 10) return std::to_string(bytes >> 10) + " KiB";
    return std::to_string(bytes) + " B";
  }

  bool agreed(bool of_rank_0) {
    int value = of_rank_0 ? 1 : 0;
    PMPI_Bcast(&value, 1, MPI_INT, 0, MPI_COMM_WORLD);
    return value != 0;
  }

  bool machine_is_good() {
    bool good = true;
    if (rank_ == 0 && options_.settings.probe_part > 0) {
      const OnAllCores all;
      good = probe_.good();
    }
    sleep_until_all_are_here();
    // Who has slept wakes where he fell asleep, perhaps beside another: the system needs some ticks to spread the ranks again.
    constexpr double kSettle = 4e-3;
    const auto start = Clock::now();
    while (seconds_since(start) < kSettle) continue;
    return agreed(good);
  }

  // What is sent, of all calls of a heap, and what a reduction's last call brings.
  void make_room(const std::string& collective) {
    in_.assign(count_ * static_cast<size_t>(calls_), 1.0F);
    out_.assign(collective == "broadcast" ? 0 : count_, 0.0F);
  }

  // The time of the slowest rank, with other values each time; looks at what came out.
  double once(const std::string& collective, const Functions& f) {
    const auto count = static_cast<int>(count_);
    round_ = (round_ + 1) % 64;
    const bool is_bcast = collective == "broadcast";
    for (size_t i = 0; i < in_.size(); ++i)
      in_[i] = is_bcast && rank_ != 0 ? -1.0F : value_of(i, static_cast<float>(rank_));
    PMPI_Barrier(MPI_COMM_WORLD);
    const auto start = Clock::now();
    float* in = in_.data();
    for (int i = 0; i < calls_; ++i, in += count_) {
      if (is_bcast)
        f.bcast(in, count, MPI_FLOAT, 0, MPI_COMM_WORLD);
      else if (collective == "reduce")
        f.reduce(in, out_.data(), count, MPI_FLOAT, MPI_SUM, 0, MPI_COMM_WORLD);
      else
        f.allreduce(in, out_.data(), count, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
    }
    double seconds = seconds_since(start), slowest = 0;
    PMPI_Allreduce(&seconds, &slowest, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
    check(collective);
    return slowest;
  }

  // Small whole numbers, of which every sum is exact: of element `i` of a heap.
  float value_of(size_t i, float rank) const {
    return static_cast<float>(i % 509) + static_cast<float>(round_) + rank;
  }

  void check(const std::string& collective) {
    if (collective == "reduce" && rank_ != 0) return;
    const bool is_bcast = collective == "broadcast";
    const auto n = static_cast<float>(ranks_);
    const std::vector<float>& got = is_bcast ? in_ : out_;
    const size_t first = in_.size() - got.size();
    for (size_t i = 0; i < got.size(); ++i) {
      const float value = value_of(first + i, 0);
      if (got[i] == (is_bcast ? value : n * value + n * (n - 1) / 2)) continue;
      if (faults_++ == 0)
        std::fprintf(stderr, "rank %d: %s is wrong at %zu\n", rank_, collective.c_str(), i);
      return;
    }
  }

  const Options& options_;
  Functions ours_, mpis_;
  blasx::bench::ScalingProbe probe_;
  std::vector<float> in_, out_;
  size_t count_ = 1;  // elements of a call
  int rank_ = 0, ranks_ = 1;
  int calls_ = 1;
  int round_ = 0;
  int faults_ = 0;
};

int run(const Options& options, const std::string& command) {
  const Functions ours = named(options.names);
  if (ours.bcast == nullptr || dlsym(RTLD_DEFAULT, "LP_Bcast") == nullptr) {
    std::fprintf(stderr,
                 "bench_collectives: liblpcoll_mpi.so is not loaded: mpirun -x LD_PRELOAD=...\n");
    return 1;
  }
  Bench bench(options, ours);
  blasx::bench::Report report;
  report.benchmark = "collectives";
  report.command = command;
  report.ours = "liblpcoll";
  report.peer = "MPI";
  for (const std::string& collective : options.collectives) {
    for (const std::string& size : options.sizes) {
      const auto bytes = blasx::parse::bytes(size);
      if (!bytes) {
        std::fprintf(stderr, "bench_collectives: --bytes %s: sizes such as 64K are accepted\n",
                     size.c_str());
        return 2;
      }
      report.rows.push_back(bench.run(collective, *bytes));
    }
  }
  if (bench.rank() == 0) {
    char mpi[MPI_MAX_LIBRARY_VERSION_STRING] = "";
    int length = 0;
    MPI_Get_library_version(mpi, &length);
    const OnAllCores all;
    report.machine =
        blasx::bench::describe_machine(std::string(mpi).substr(0, std::string(mpi).find(',')));
    std::fputs(report.table().c_str(), stdout);
    std::printf("%d ranks; %s; %d cores; %s; commit %s\n", bench.ranks(),
                report.machine.processor.c_str(), report.machine.cores,
                report.machine.host_blas.c_str(), report.machine.commit.c_str());
    if (!options.settings.json_path.empty()) {
      std::FILE* file = std::fopen(options.settings.json_path.c_str(), "w");
      const std::string json = report.json();
      if (file == nullptr || std::fputs(json.c_str(), file) < 0 || std::fclose(file) != 0)
        std::fprintf(stderr, "cannot write %s\n", options.settings.json_path.c_str());
    }
  }
  return bench.faults() == 0 ? 0 : 1;
}

}  // namespace

// NOLINTNEXTLINE(bugprone-exception-escape): out of memory, a program may end so
int main(int argc, char** argv) {
  Options options;
  CLI::App app(
      "Times liblpcoll and the MPI underneath in turns:\n"
      "mpirun -np 4 -x LD_PRELOAD=liblpcoll_mpi.so bench_collectives --bytes 1M,64M");
  add_settings(app, options.settings);
  app.add_option("--bytes", options.sizes, "Sizes of the message")->delimiter(',');
  app.add_option("--collective", options.collectives, "Of broadcast, reduce and allreduce")
      ->delimiter(',')
      ->check(CLI::IsMember({"broadcast", "reduce", "allreduce"}));
  app.add_option("--names", options.names, "Call the library as MPI or as LP")
      ->check(CLI::IsMember({"MPI", "LP"}));
  app.add_option("--port", options.port_bits,
                 "Bits a second of each host's port, for the part of the bound; one rank a host");
  if (const auto status = blasx::parse_command_line(app, argc, argv)) return *status;
  MPI_Init(&argc, &argv);
  const int status = run(options, blasx::bench::command_line(argc, argv));
  MPI_Finalize();
  return status;
}
