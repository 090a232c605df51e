// SPDX-License-Identifier: Apache-2.0
// Trains a network over a data set: bulk synchronous SGD, or ISGD. Every rank has one and calls it alike.
#pragma once

#include <array>
#include <functional>
#include <vector>

#include "clients/isgd/method/chart.hpp"
#include "clients/nn/data/batches.hpp"
#include "clients/nn/program/json_lines.hpp"
#include "clients/nn/run/checkpoint.hpp"
#include "clients/nn/run/executor.hpp"
#include "clients/trainer/exchange.hpp"
#include "clients/trainer/options.hpp"
#include "clients/trainer/report.hpp"

namespace trainer {

// Where a run is; written into checkpoints as it lies in memory.
struct Position {
  int64_t epoch = 0;
  int64_t batch = 0;  // of the epoch
  int64_t step = 0;   // batches so far, of all epochs
  int64_t log_bytes = 0;
  double loss_sum = 0;  // over the epoch's images so far
  double correct = 0;
};

class Trainer {
 public:
  // All must outlive it. The network's batch is the rank's share.
  Trainer(const Options& options, const Ranks& ranks, const nn::data::DataSet& data,
          const nn::Compiled& compiled, nn::graph::MemoryGovernor& governor);

  // Throws Ended when a step's loss is no number: before the step, so that the last checkpoint stands.
  void run();
  // Of this run, the median: first steps open connections and measure them.
  double seconds_per_step() const;

 private:
  void train_epoch(Report& report);
  // One batch; its loss, the mean over all its images.
  double step();
  double gradients(const nn::Iteration& iteration, const std::function<void(int)>& ready);
  void more_work(const nn::Iteration& iteration, double rate);
  void held_out(Epoch& epoch);
  std::string on_host(const void* data, int64_t bytes);  // of the device
  std::string values();                                  // of all parameters
  void save();
  void resume();
  double rate() const;
  bool done() const;
  int64_t steps_total() const;

  const Options& options_;
  const Ranks& ranks_;
  const nn::data::DataSet& data_;
  nn::Executor executor_;
  nn::Sgd sgd_;
  Exchange exchange_;
  nn::data::Batches batches_;
  nn::Schedule schedule_;
  isgd::Chart chart_;
  nn::JsonLines log_;
  Position position_;
  int64_t share_;  // images of a batch on this rank
  std::vector<float> pixels_;
  std::vector<int32_t> labels_;
  nn::Outcome sums_;  // of the last batch, over all ranks
  std::array<double, 3>
      numbers_{};  // of the batch, while they are summed: loss, correct, and whether the loss is none
  std::vector<double> step_seconds_;
  double seconds_ = 0;
};

}  // namespace trainer
