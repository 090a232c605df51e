// SPDX-License-Identifier: Apache-2.0
#include "clients/trainer/report.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace trainer {

Report::Report(bool speaks, int64_t steps_done, int64_t steps_total) : begun_(steps_done) {
  if (!speaks) return;
  fmt::print("{:>5} {:>9} {:>9} {:>14} {:>14} {:>10}\n", "epoch", "loss", "accuracy",
             "held-out loss", "held-out acc.", "images/s");
  std::fflush(stdout);
  progress_.emplace(steps_done, steps_total);
}

void Report::step(int64_t done, int64_t images, double loss, double accuracy) {
  if (!progress_) return;
  const double rate = static_cast<double>(images * (done - begun_)) / progress_->seconds();
  progress_->step(done, fmt::format("batches, loss {:.4f}, accuracy {:.1f} %, {:.0f} images/s",
                                    loss, 100 * accuracy, rate));
}

void Report::epoch(int64_t number, const Epoch& epoch) {
  if (!progress_) return;
  progress_->clear();
  fmt::print("{:>5} {:>9.4f} {:>7.2f} % {:>14.4f} {:>12.2f} % {:>10.0f}\n", number, epoch.loss,
             100 * epoch.accuracy, epoch.held_out_loss, 100 * epoch.held_out_accuracy,
             epoch.images_per_s);
  std::fflush(stdout);
}

}  // namespace trainer
