// SPDX-License-Identifier: Apache-2.0
// A training from its data to its end: batches in an order that the seed makes, one being read while another is learnt;
// held-out samples after each epoch; checkpoints. One thread runs it; a pool of its own reads.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ooc_gemm/ann/data_set.hpp"
#include "ooc_gemm/ann/model.hpp"

namespace ooc_gemm::ann {

struct Settings {
  Network network;
  int64_t batch = 64;
  int64_t epochs = 5;
  int64_t steps = 0;  // at most so many; 0: as the epochs say
  double rate = 0.1;
  uint64_t seed = 1;
  double held_out = 0.2;     // the last part of the samples
  int64_t memory_bytes = 0;  // 0: as much as it takes
  std::string checkpoint;    // file; empty: none
  std::string work_folder;   // for what does not fit
};

struct Progress {
  int64_t step = 0;  // done
  int64_t steps = 0;
  int64_t epoch = 0;  // that the step was in, from 1
  int64_t epochs = 0;
  int64_t samples = 0;  // learnt by this run
  double seconds = 0;   // of this run
  Score batch;          // before the step
  Score epoch_so_far;
  std::optional<Score> held_out;  // after an epoch's last step
};
// Called after each step; false stops the training, which saves its checkpoint first.
using Callback = std::function<bool(const Progress&)>;

class Trainer {
 public:
  // Refuses what does not fit together or into the memory; reads the samples and goes on from a checkpoint that is there.
  static Result<std::unique_ptr<Trainer>> make(const Settings& settings, const Source& source);

  Status run(const Callback& callback);
  const Budget& budget() const { return budget_; }
  int64_t first_step() const { return step_; }
  int64_t steps() const { return steps_; }
  int64_t training_samples() const { return training_; }

 private:
  Trainer(const Settings& settings, const Source& source);
  Status prepare();
  void fetch(int64_t step);
  // Has the order of this epoch, made from the seed alone.
  void shuffle(int64_t epoch);
  Result<Score> test_held_out(float* x);
  Status save();

  struct Batch {
    std::vector<float> x;
    std::vector<int32_t> rows;
    std::vector<int32_t> labels;
    storage::Ticket ticket;
  };

  Settings settings_;
  Source source_;
  Budget budget_;
  std::string identity_;
  int64_t training_ = 0;  // samples that are learnt; the rest is held out
  int64_t steps_per_epoch_ = 0;
  int64_t steps_ = 0;
  int64_t step_ = 0;
  std::vector<int32_t> labels_;
  std::vector<int32_t> order_;
  int64_t order_epoch_ = -1;
  std::optional<DataSet> data_;
  std::array<Batch, 2> batches_;
  // Gone, and with it all that it was reading, before what it reads into.
  storage::Pool pool_{2};
  std::optional<Weights> weights_;
  std::optional<Model> model_;
};

// How the last part is cut off: at least one sample is learnt and, unless the share is 0, one held out.
int64_t training_samples_of(int64_t samples, double held_out);

}  // namespace ooc_gemm::ann
