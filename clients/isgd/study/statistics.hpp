// SPDX-License-Identifier: Apache-2.0
// Learning curves and how several of them compare: plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace isgd {

// How far a run was at some moment.
struct Moment {
  int64_t gradients = 0;  // evaluated so far
  double seconds = 0;     // of training alone
  double loss = 0;        // held-out
  double accuracy = 0;    // held-out
};
using Curve = std::vector<Moment>;

enum class Along : uint8_t { Gradients, Seconds };

// The last moment at or before `place` along the curve; the first one where all are later.
const Moment& moment_at(const Curve& curve, Along along, double place);
// Where the curve first has this accuracy; nothing when it never does.
std::optional<double> reached(const Curve& curve, Along along, double accuracy);

// Of several runs: median and the quartiles around it (linear between ranks). Of nothing: zeros.
struct Spread {
  double low = 0, median = 0, high = 0;
};
Spread spread(std::vector<double> values);
// "0.912 (0.905 .. 0.917)"
std::string text(const Spread& spread, int digits);

}  // namespace isgd
