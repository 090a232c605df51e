// SPDX-License-Identifier: Apache-2.0
#include "ooc_gemm/ann/model.hpp"

#include <blasx/cblas.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace ooc_gemm::ann {

namespace {

// C = alpha op(A) op(B) + beta C, row after row; sizes are below 2^24 (parse_network, the batch).
void multiply(CBLAS_TRANSPOSE op_a, CBLAS_TRANSPOSE op_b, int64_t m, int64_t n, int64_t k,
              float alpha, const float* a, int64_t lda, const float* b, int64_t ldb, float beta,
              float* c, int64_t ldc) {
  cblas_sgemm(CblasRowMajor, op_a, op_b, static_cast<int>(m), static_cast<int>(n),
              static_cast<int>(k), alpha, a, static_cast<int>(lda), b, static_cast<int>(ldb), beta,
              c, static_cast<int>(ldc));
}

float activation(float z) { return z > 0 ? z : std::exp(z) - 1; }
// From the activation's value.
float slope(float x) { return x > 0 ? 1 : x + 1; }

}  // namespace

void Score::add(const Score& other) {
  loss += other.loss;
  right += other.right;
  samples += other.samples;
}

Model::Model(Weights& weights, int64_t batch) : weights_(weights), network_(weights.network()) {
  for (int64_t layer = 1; layer <= network_.layers(); ++layer)
    outputs_.emplace_back(static_cast<size_t>(batch * network_.out(layer)));
  derivative_.resize(static_cast<size_t>(batch * network_.widest()));
  below_.resize(derivative_.size());
}

const float* Model::input(int64_t layer, const float* x) const {
  return layer == 1 ? x : output(layer - 1);
}

Status Model::forward(const float* x, int64_t rows) {
  for (int64_t layer = 1; layer <= network_.layers(); ++layer) {
    const int64_t in = network_.in(layer);
    const int64_t out = network_.out(layer);
    float* z = outputs_[static_cast<size_t>(layer - 1)].data();
    const float* bias = weights_.bias(layer);
    for (int64_t row = 0; row < rows; ++row) std::copy(bias, bias + out, z + row * out);
    Status done = weights_.for_each_panel(layer, false, [&](const Weights::Panel& panel) {
      multiply(CblasNoTrans, CblasTrans, rows, panel.rows, in, 1, input(layer, x), in, panel.data,
               in, 1, z + panel.row, out);
      return Status();
    });
    if (!done) return done;
    if (layer == network_.layers()) break;
    for (int64_t i = 0; i < rows * out; ++i) z[i] = activation(z[i]);
  }
  return {};
}

Score Model::score(const int32_t* labels, int64_t rows, float* derivative) const {
  const int64_t classes = network_.out(network_.layers());
  Score score;
  score.samples = rows;
  for (int64_t row = 0; row < rows; ++row) {
    const float* z = output(network_.layers()) + row * classes;
    const int64_t label = labels[row];
    const float* largest = std::max_element(z, z + classes);
    double sum = 0;
    for (int64_t c = 0; c < classes; ++c) sum += std::exp(static_cast<double>(z[c]) - *largest);
    score.loss += std::log(sum) - (static_cast<double>(z[label]) - *largest);
    if (largest - z == label) ++score.right;
    if (derivative == nullptr) continue;
    for (int64_t c = 0; c < classes; ++c) {
      const double share = std::exp(static_cast<double>(z[c]) - *largest) / sum;
      derivative[row * classes + c] =
          static_cast<float>((share - (c == label ? 1 : 0)) / static_cast<double>(rows));
    }
  }
  return score;
}

Result<Score> Model::test(const float* x, const int32_t* labels, int64_t rows) {
  if (Status done = forward(x, rows); !done) return blasx::failure(done);
  return score(labels, rows, nullptr);
}

Result<Score> Model::train(const float* x, const int32_t* labels, int64_t rows, double rate) {
  if (Status done = forward(x, rows); !done) return blasx::failure(done);
  const Score before = score(labels, rows, derivative_.data());
  for (int64_t layer = network_.layers(); layer >= 1; --layer) {
    const int64_t in = network_.in(layer);
    const int64_t out = network_.out(layer);
    const float* inputs = input(layer, x);
    const float* d = derivative_.data();
    // Each panel gives its part of the derivative below before it is changed.
    Status done = weights_.for_each_panel(layer, true, [&](const Weights::Panel& panel) {
      if (layer > 1) {
        multiply(CblasNoTrans, CblasNoTrans, rows, in, panel.rows, 1, d + panel.row, out,
                 panel.data, in, panel.row == 0 ? 0 : 1, below_.data(), in);
      }
      multiply(CblasTrans, CblasNoTrans, panel.rows, in, rows, static_cast<float>(-rate),
               d + panel.row, out, inputs, in, 1, panel.data, in);
      return Status();
    });
    if (!done) return blasx::failure(done);
    float* bias = weights_.bias(layer);
    for (int64_t row = 0; row < rows; ++row) {
      for (int64_t i = 0; i < out; ++i) bias[i] -= static_cast<float>(rate) * d[row * out + i];
    }
    if (layer == 1) break;
    for (int64_t i = 0; i < rows * in; ++i) below_[static_cast<size_t>(i)] *= slope(inputs[i]);
    std::swap(derivative_, below_);
  }
  return before;
}

}  // namespace ooc_gemm::ann
