// SPDX-License-Identifier: Apache-2.0
// What is made of timings: medians, ratios, and which samples count at all. Pure functions on values.
#pragma once

#include <span>
#include <vector>

namespace blasx::bench {

// NaN for no values.
double median(std::vector<double> values);
double geometric_mean(std::span<const double> values);
// Width of the middle half as a part of the median: how far to trust it.
double spread(std::vector<double> values);
// Standard error of the median, from the width of the middle half as if the values were normal.
double median_error(std::vector<double> values);

// One turn of both sides, and whether the machine was itself before, between and after.
struct Attempt {
  double ours_s = 0;
  double peer_s = 0;
  bool probes_good = true;
};

struct Summary {
  std::vector<double> ours_s, peer_s;  // of the attempts kept, in order
  int thrown = 0;
  double ours_median_s = 0, peer_median_s = 0;
  double ratio = 0;         // median over attempts of peer / ours: above 1 we are faster
  double ratio_error = 0;   // its standard error; a ratio within two of 1 shows no difference
  double difference_s = 0;  // median over attempts of ours - peer
};

// Ratios are taken attempt by attempt: what slows the machine for a while slows both sides of one attempt alike.
Summary summarise(std::span<const Attempt> attempts);

}  // namespace blasx::bench
