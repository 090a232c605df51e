// SPDX-License-Identifier: Apache-2.0
#include "clients/isgd/method/batch_size.hpp"

#include <algorithm>
#include <cmath>

namespace isgd {

double iterations(double batch, double loss) {
  const double twice = 2 * batch * loss * loss;
  return 1 / loss + 1 / twice + std::sqrt(4 * batch * loss + 1) / twice;
}

double seconds(const Machine& machine, int64_t batch, double loss) {
  const auto images = static_cast<double>(batch);
  return (images / machine.images_per_s + machine.synchronisation_s) * iterations(images, loss);
}

int64_t best_batch(const Machine& machine, double loss) {
  int64_t best = 1;
  double least = seconds(machine, 1, loss);
  // No fewer than 1/p iterations are ever enough, so from some batch on computing alone takes longer than the best.
  for (int64_t batch = 2; static_cast<double>(batch) / machine.images_per_s / loss < least;
       ++batch) {
    const double time = seconds(machine, batch, loss);
    if (time < least) {
      least = time;
      best = batch;
    }
  }
  return best;
}

Machine machine_of(double batch_a, double seconds_a, double batch_b, double seconds_b) {
  const double each = (seconds_b - seconds_a) / (batch_b - batch_a);
  return {1 / each, std::max(0.0, seconds_a - batch_a * each)};
}

}  // namespace isgd
