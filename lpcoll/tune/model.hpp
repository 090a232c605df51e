// SPDX-License-Identifier: Apache-2.0
// What a collective costs between hosts (Wang et al., "Efficient Communications in Training Large Scale Neural Networks", 2017,
// section 3): a message of b bytes takes alpha + b beta, and gamma a byte to be reduced. Pure.
#pragma once

#include <cstdint>

namespace lpcoll::tune {

struct Link {
  double alpha = 0;  // seconds a message, while others are under way
  double beta = 0;   // seconds a byte; 0: nothing is known
  double gamma = 0;  // seconds a byte reduced
  // Seconds more until a message is there, in which others may follow it. The paper's alpha has them in it.
  double latency = 0;
};

// Where nothing was measured: a link worth pipelining.
inline constexpr Link kAssumedLink = {2e-6, 1 / 100e6, 1 / 5e9, 0};

// The segment that makes a chain's time least: sqrt(n alpha / ((P-2) beta)), from T = (P-2 + n/b)(alpha + b beta).
double best_segment(double bytes, int ranks, double alpha, double beta);
// The same for two trees, on which a segment takes 2 log2 P steps where a chain takes P-2.
double best_tree_segment(double bytes, int ranks, double alpha, double beta);

// A chain of P ranks in segments of b bytes: (P-2 + n/b) steps. `passes`: 1 for a broadcast or a reduce, 2 for an allreduce, whose two
// streams share each port.
double chain_seconds(double bytes, int ranks, double segment, const Link& link, bool reduces,
                     int passes);
// Two trees: (2 log2 P + n/b) steps.
double trees_seconds(double bytes, int ranks, double segment, const Link& link, bool reduces,
                     int passes);
// The ring: 2 (P-1) steps of a P-th of the message, half of them with a sum.
double ring_seconds(double bytes, int ranks, double segment, const Link& link);

}  // namespace lpcoll::tune
