// SPDX-License-Identifier: Apache-2.0
// The shape of a multi-layer network, and the matrix products that a step of its training is made of: pure values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/status.hpp"

namespace ooc_gemm::ann {

using blasx::Result;
using blasx::Status;
using blasx::StatusCode;

// Layers are counted from 1; layer l takes in(l) numbers a sample and gives out(l). Its weights W are out x in.
struct Network {
  std::vector<int64_t> sizes;  // n_0 (a sample's width), ..., n_L (classes)

  int64_t layers() const { return static_cast<int64_t>(sizes.size()) - 1; }
  int64_t in(int64_t layer) const { return sizes[static_cast<size_t>(layer - 1)]; }
  int64_t out(int64_t layer) const { return sizes[static_cast<size_t>(layer)]; }
  int64_t weights() const;  // of all layers, without biases
  int64_t units() const;    // of all layers, without the input's
  int64_t widest() const;   // of the layers, without the input
  std::string text() const;
  bool operator==(const Network&) const = default;
};

// "784-256-10"
Result<Network> parse_network(std::string_view text);

struct StepProduct {
  std::string name;  // "Z2 = X1 W2'"
  int64_t m = 0;
  int64_t n = 0;
  int64_t k = 0;

  double operations() const;
  int64_t bytes() const;  // of the three matrices, single precision
};
// In the order in which a step does them. With a batch of m samples 6 m sum(n_{l-1} n_l) - 2 m n_0 n_1 operations: the
// input needs no derivative.
std::vector<StepProduct> products_of_step(const Network& network, int64_t batch);

}  // namespace ooc_gemm::ann
