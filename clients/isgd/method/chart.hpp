// SPDX-License-Identifier: Apache-2.0
// The control chart of ISGD: Wang, Yang, Min, Chakradhar, "Accelerating Deep Neural Network Training with Inconsistent
// Stochastic Gradient Descent", 2016 (arXiv 1603.05544). The method is patented: US 10,572,800.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace isgd {

// The losses of the last n batches. A loss above their mean by more than three standard deviations says that its batch
// is under-trained. On several ranks every chart must be given the same, summed losses: then all decide alike.
class Chart {
 public:
  // n: batches in an epoch; at least 1.
  explicit Chart(int64_t n);

  // Puts a batch's loss (before its update, without weight decay) in. True when the queue is full and this loss is
  // above the limit, itself included.
  bool push(double loss);

  bool full() const { return filled_ == static_cast<int64_t>(ring_.size()); }
  double mean() const { return mean_; }
  double deviation() const { return deviation_; }
  double limit() const { return mean_ + 3 * deviation_; }

  // What a checkpoint has to keep, oldest first.
  std::vector<double> losses() const;

 private:
  std::vector<double> ring_;
  size_t next_ = 0;
  int64_t filled_ = 0;
  double mean_ = 0, deviation_ = 0;
};

}  // namespace isgd
