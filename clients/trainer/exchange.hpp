// SPDX-License-Identifier: Apache-2.0
// Brings the ranks' gradients together while the backward pass goes on: bulk synchronous SGD in the two forms of Wang, Wu, Bosilca,
// Vuduc, Xu: "Efficient Communications in Training Large Scale Neural Networks", 2017. One step at a time, one thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <lpcoll/lpcoll.h>

#include "clients/nn/run/parameters.hpp"
#include "clients/trainer/ranks.hpp"

namespace trainer {

class Exchange {
 public:
  // `form`: allreduce (all ranks receive the sum and step alike) or reduce (rank 0 receives it, steps, and broadcasts parameters).
  // Without `overlap` nothing is sent before finish.
  Exchange(const Ranks& ranks, nn::Parameters& parameters, const std::string& form, bool overlap);

  // The layer's gradients are final. Layers come from the last to the first.
  void ready(int layer);
  // Sums what has begun and steps piece by piece; `step` is called for each piece on the ranks that step themselves. On return
  // parameters and statistics are the same bits on all ranks; statistics are the mean of the ranks'.
  void finish(const std::function<void(nn::Range)>& step);
  // Instead of finish: the sum of the gradients on all ranks, no step.
  void finish_sum();
  // Instead of either: waits for what has begun, and steps nothing. For all ranks, before the buffers go.
  void abandon() { finish_sum(); }
  // Both forms: what finish() does to gradients afterwards is finish_sum()'s from now on.
  void sum_only(bool on) { reduce_ = by_root_ && !on; }

 private:
  struct Piece {
    nn::Range range;
    LP_Request request = LP_REQUEST_NULL;
    nn::Memory host;  // what is sent where the device is no host
  };

  void begin(Piece& piece);
  void wait_all();
  // The piece's part of a buffer of all numbers, for liblpcoll to read and write; and back in its place when that is done.
  float* lend(Piece& piece, float* all);
  void take_back(const Piece& piece, float* all);

  const Ranks& ranks_;
  nn::Parameters& parameters_;
  bool by_root_;
  bool reduce_;  // of the pieces that begin now
  bool overlap_;
  nn::Range gathered_;
  std::vector<Piece> pieces_;
};

}  // namespace trainer
