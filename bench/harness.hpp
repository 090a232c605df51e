// SPDX-License-Identifier: Apache-2.0
// The one way benchmarks are run here: ours and a peer's turn by turn in one process, each pair between scaling probes, medians
// of paired ratios at the end. A Harness owns the probe and the report; one thread uses it.
#pragma once

#include <functional>
#include <string>

#include "bench/probe.hpp"
#include "bench/report.hpp"

namespace blasx::bench {

struct Case {
  std::string name;
  std::string group;
  double operations = 0;  // of one call; 0 where time itself is the result
  double calls = 1;       // that `ours` and `peer` make each time
  bool single_precision = false;
  std::function<void()> ours;
  std::function<void()> peer;
  std::function<void()> prepare = [] {};  // before each of them, not timed
};

struct Settings {
  int threads = 1;      // that both sides keep busy
  double seconds = 10;  // time limit of one case
  int samples = 11;     // kept ones wanted; fewer when time is up
  double probe_part = 0.9;
  double settle_seconds = 0;  // before a probe: threads of the last call still spin for a while
  std::string json_path;      // empty: no file
  std::string command;        // as typed, for the record
};

class Harness {
 public:
  Harness(std::string benchmark, std::string host_blas, Settings settings);

  const Row& run(const Case& what);
  Report& report() { return report_; }
  // Prints the table, and writes the JSON where the settings say so. Returns main's status.
  int finish();

 private:
  bool machine_is_good();

  Settings settings_;
  ScalingProbe probe_;
  Report report_;
};

// "bench_level3 --size 2048", with the BLASX_ variables in front that shaped it.
std::string command_line(int argc, const char* const* argv);

}  // namespace blasx::bench
