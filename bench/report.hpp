// SPDX-License-Identifier: Apache-2.0
// Rows of results as a table for people and JSON for programs. A Report owns its rows.
#pragma once

#include <string>
#include <vector>

#include "bench/machine.hpp"
#include "bench/statistics.hpp"

namespace blasx::bench {

// What no program can beat on this machine: its arithmetic, or bytes over a link.
enum class Bound { None, Flops, Bytes };

struct Row {
  std::string name;       // "dgemm n=2048"
  std::string group;      // rows of one group share a geometric mean; empty: none
  double operations = 0;  // floating-point, of one call; 0: time is what counts
  double calls = 1;       // in one sample
  Bound bound = Bound::None;
  double bound_s = 0;  // least time of one call
  bool operations_are_single = false;
  Summary summary;
};

struct Report {
  Machine machine;
  std::string benchmark, command, ours = "libblasx", peer = "peer";
  double peak_operations_per_second = 0;  // double precision, all threads
  std::vector<Row> rows;

  // Gives every row that counts operations its bound; single precision does twice as many.
  void set_peak(double operations_per_second);
  // Aligned columns, a row each, then a geometric mean and a minimum for each group.
  std::string table() const;
  std::string json() const;
};

// Geometric mean and minimum over the rows of each group that has any sample, "2048: mean 1.02, least 0.99 (dsymm)".
std::vector<std::string> group_lines(const std::vector<Row>& rows);

// 12.3 us and the like, four significant digits.
std::string time_text(double seconds);

}  // namespace blasx::bench
