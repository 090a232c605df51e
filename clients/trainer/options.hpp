// SPDX-License-Identifier: Apache-2.0
// What bsp-train is told.
#pragma once

#include <cstdint>
#include <string>

#include "clients/nn/run/sgd.hpp"

namespace trainer {

struct Options {
  std::string net = "lenet";
  std::string data;    // a folder; empty: generated images
  int64_t images = 0;  // of these; 0: as many as usual
  int64_t batch = 64;  // of all ranks together
  int64_t epochs = 5;
  int64_t steps = 0;  // end after so many, 0: after the epochs
  uint64_t seed = 1;
  std::string optimizer = "sgd";
  double rate = 0.01;
  nn::SgdOptions sgd;
  std::string schedule = "constant";
  bool fixed_batches = false;
  std::string device = "cpu";
  std::string convolution;  // empty: what the device prefers
  std::string exchange = "allreduce";
  std::string checkpoint;
  int64_t checkpoint_steps = 0;  // 0: at the end of each epoch
  bool resume = false;
  std::string log;
  bool overlap = true;
  bool sync_norms = false;
  bool check_ranks = false;
};

// The command line. Throws nn::Error with one line; --help prints and ends the process.
Options parse(int argc, char** argv);

// "name value" lines of all that must be the same on every rank.
std::string same_on_all(const Options& options);
// The part of it that a checkpoint's successor may not change.
std::string same_when_resumed(const Options& options);

}  // namespace trainer
