// SPDX-License-Identifier: Apache-2.0
// Which images make which batch. A function of the seed alone: every rank works it out for itself, and takes its share.
#pragma once

#include <cstdint>
#include <vector>

#include "clients/nn/data/images.hpp"

namespace nn::data {

class Batches {
 public:
  // Of `batch` images each; the rest of an epoch that fills no batch is left out. `fixed`: shuffled once, so that batch b is the same
  // images in every epoch; otherwise each epoch is shuffled anew.
  Batches(int64_t images, int64_t batch, uint64_t seed, bool fixed);

  int64_t per_epoch() const { return images_ / batch_; }
  // Image numbers of samples [first, first + count) of a batch.
  std::vector<int64_t> samples(int64_t epoch, int64_t number, int64_t first, int64_t count);

 private:
  void shuffle(int64_t epoch);

  int64_t images_;
  int64_t batch_;
  uint64_t seed_;
  bool fixed_;
  int64_t shuffled_ = -1;  // for which epoch
  std::vector<int64_t> order_;
};

// Copies images into one buffer, and their labels. What is missing to `labels.size()` repeats the last image and has label -1.
void gather(const Images& images, const std::vector<int64_t>& samples, std::vector<float>& pixels,
            std::vector<int32_t>& labels);

}  // namespace nn::data
