// SPDX-License-Identifier: Apache-2.0
#include "bench/harness.hpp"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <thread>

namespace blasx::bench {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double timed(const Case& what, const std::function<void()>& run) {
  what.prepare();
  const auto start = Clock::now();
  run();
  return seconds_since(start);
}

}  // namespace

std::string command_line(int argc, const char* const* argv) {
  std::string text;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    if (std::strncmp(*variable, "BLASX_", 6) == 0) text += std::string(*variable) + " ";
  }
  for (int i = 0; i < argc; ++i) {
    std::string word = argv[i];
    // Where the program lies is this machine's affair.
    if (const size_t slash = word.rfind('/'); slash != std::string::npos)
      word = word.substr(slash + 1);
    text += (i > 0 ? " " : "") + word;
  }
  return text;
}

Harness::Harness(std::string benchmark, std::string host_blas, Settings settings)
    : settings_(std::move(settings)), probe_(settings_.threads, settings_.probe_part) {
  report_.benchmark = std::move(benchmark);
  report_.command = settings_.command;
  report_.machine = describe_machine(std::move(host_blas));
}

bool Harness::machine_is_good() {
  std::this_thread::sleep_for(std::chrono::duration<double>(settings_.settle_seconds));
  return probe_.good();
}

const Row& Harness::run(const Case& what) {
  timed(what, what.ours);  // first calls load, measure and touch pages
  timed(what, what.peer);
  const auto start = Clock::now();
  std::vector<Attempt> attempts;
  int kept = 0;
  const auto time_is_left = [&] { return seconds_since(start) < settings_.seconds; };
  bool good = machine_is_good();
  while (kept < settings_.samples && (attempts.empty() || time_is_left())) {
    // A bad spell lasts seconds: waiting is cheaper than samples that will not count.
    while (!good && time_is_left()) good = machine_is_good();
    Attempt attempt;
    const bool ours_first =
        kept % 2 == 0;  // whoever goes first among those that count does so half the time
    (ours_first ? attempt.ours_s : attempt.peer_s) =
        timed(what, ours_first ? what.ours : what.peer);
    const bool good_between = machine_is_good();
    (ours_first ? attempt.peer_s : attempt.ours_s) =
        timed(what, ours_first ? what.peer : what.ours);
    const bool good_after = machine_is_good();
    attempt.probes_good = good && good_between && good_after;
    kept += attempt.probes_good ? 1 : 0;
    good = good_after;
    attempts.push_back(attempt);
  }
  Row row;
  row.name = what.name;
  row.group = what.group;
  row.operations = what.operations;
  row.calls = what.calls;
  row.summary = summarise(attempts);
  row.operations_are_single = what.single_precision;
  report_.rows.push_back(std::move(row));
  const Row& done = report_.rows.back();
  std::fprintf(stderr, "%s: ratio %.3f, %zu kept, %d thrown away, %.1f s\n", done.name.c_str(),
               done.summary.ratio, done.summary.ours_s.size(), done.summary.thrown,
               seconds_since(start));
  return done;
}

int Harness::finish() {
  report_.set_peak(probe_.peak_operations_per_second());  // the best of all probes, so only now
  std::fputs(report_.table().c_str(), stdout);
  std::printf("%s; %d cores, peak %.1f GFLOP/s double; %s; commit %s\n",
              report_.machine.processor.c_str(), report_.machine.cores,
              report_.peak_operations_per_second * 1e-9, report_.machine.host_blas.c_str(),
              report_.machine.commit.c_str());
  if (settings_.json_path.empty()) return 0;
  std::ofstream file(settings_.json_path);
  file << report_.json();
  file.close();
  if (file) return 0;
  std::fprintf(stderr, "cannot write %s\n", settings_.json_path.c_str());
  return 1;
}

}  // namespace blasx::bench
