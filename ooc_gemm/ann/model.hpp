// SPDX-License-Identifier: Apache-2.0
// Forward and backward pass of a network as matrix products, each one cblas call of the process's BLAS. Owns the
// activations of one batch; the weights are the caller's. One thread uses it.
//
// Batch-major: X_l is batch x n_l. Z = X W' + 1 b', X' = f(Z); the last layer's Z goes through softmax into the
// cross-entropy. D_{l-1} = (D_l W_l) .* f'(Z_{l-1}); W_l -= rate D_l' X_{l-1}; b_l -= rate D_l' 1.
// f(z) is z above 0 and exp(z) - 1 below (Clevert, Unterthiner, Hochreiter 2016). Its slope has no jump as that of
// max(z, 0), where a number that two BLAS round to different sides of 0 sends two trainings different ways.
#pragma once

#include <cstdint>
#include <vector>

#include "ooc_gemm/ann/weights.hpp"

namespace ooc_gemm::ann {

struct Score {
  double loss = 0;  // summed over samples
  int64_t right = 0;
  int64_t samples = 0;

  double mean_loss() const { return samples > 0 ? loss / static_cast<double>(samples) : 0; }
  double accuracy() const {
    return samples > 0 ? static_cast<double>(right) / static_cast<double>(samples) : 0;
  }
  void add(const Score& other);
};

class Model {
 public:
  // For batches of up to `batch` samples.
  Model(Weights& weights, int64_t batch);

  // `x` is rows x n_0, `labels` are below n_L. The score is that before the step.
  Result<Score> train(const float* x, const int32_t* labels, int64_t rows, double rate);
  Result<Score> test(const float* x, const int32_t* labels, int64_t rows);

 private:
  Status forward(const float* x, int64_t rows);
  // Softmax and loss; with `derivative` also D_L = (p - label) / rows.
  Score score(const int32_t* labels, int64_t rows, float* derivative) const;
  const float* input(int64_t layer, const float* x) const;
  const float* output(int64_t layer) const {
    return outputs_[static_cast<size_t>(layer - 1)].data();
  }

  Weights& weights_;
  const Network& network_;
  std::vector<std::vector<float>> outputs_;  // X_1, ..., Z_L
  std::vector<float> derivative_;            // D_l, and the D_{l-1} that is made of it
  std::vector<float> below_;
};

}  // namespace ooc_gemm::ann
