// SPDX-License-Identifier: Apache-2.0
// What a run tells its user: a table of epochs on stdout, progress on stderr. Rank 0's; the others' are silent.
#pragma once

#include <optional>

#include "clients/nn/program/progress.hpp"

namespace trainer {

struct Epoch {
  double loss = 0, accuracy = 0;                    // of the training batches, each before its step
  double held_out_loss = 0, held_out_accuracy = 0;  // afterwards
  double images_per_s = 0;
};

class Report {
 public:
  Report(bool speaks, int64_t steps_done, int64_t steps_total);

  void step(int64_t done, int64_t images, double loss, double accuracy);
  void epoch(int64_t number, const Epoch& epoch);

 private:
  std::optional<nn::Progress> progress_;
  int64_t begun_;
};

}  // namespace trainer
