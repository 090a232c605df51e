// SPDX-License-Identifier: Apache-2.0
// Which batch size is fastest on a machine (arXiv 1603.05544, section 4).
#pragma once

#include <cstdint>

namespace isgd {

struct Machine {
  double images_per_s = 0;       // C1: what it computes
  double synchronisation_s = 0;  // C2: what every iteration costs besides, whatever its batch
};

// Iterations to a loss of p with batches of n_b: T = 1/p + 1/(2 n_b p^2) + sqrt(4 n_b p + 1) / (2 n_b p^2).
double iterations(double batch, double loss);
// An iteration takes n_b / C1 + C2.
double seconds(const Machine& machine, int64_t batch, double loss);
// The batch that takes the fewest seconds.
int64_t best_batch(const Machine& machine, double loss);

// C1 and C2 from the seconds that iterations with two batch sizes took.
Machine machine_of(double batch_a, double seconds_a, double batch_b, double seconds_b);

}  // namespace isgd
