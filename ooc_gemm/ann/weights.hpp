// SPDX-License-Identifier: Apache-2.0
// The weights of a network, in memory or in a scratch file of which two panels are in memory: one that is worked on, one
// that is read or written back. Owns memory and file; one thread uses it.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ooc_gemm/ann/budget.hpp"
#include "ooc_gemm/ann/row_file.hpp"
#include "ooc_gemm/storage/pool.hpp"

namespace ooc_gemm::ann {

class Weights {
 public:
  // Rows [row, row + rows) of a layer's out x in weights, row after row.
  struct Panel {
    int64_t row = 0;
    int64_t rows = 0;
    float* data = nullptr;
  };
  using Visitor = std::function<Status(const Panel&)>;

  // All zero. The folder is needed for weights that are not in memory; the pool must outlive the weights.
  static Result<Weights> make(const Network& network, const Budget& budget,
                              const std::string& work_folder, storage::Pool& pool);

  // Normal random weights of variance 2 / in (He, Zhang, Ren, Sun 2015), the same whatever the panels are.
  Status fill(uint64_t seed);
  // The panels of a layer, from its first row to its last; what `changes` is kept.
  Status for_each_panel(int64_t layer, bool changes, const Visitor& visit);
  float* bias(int64_t layer) { return biases_.data() + bias_at_[static_cast<size_t>(layer - 1)]; }
  const Network& network() const { return network_; }

 private:
  struct Slot {
    Panel panel;
    storage::Ticket ticket;
  };
  int64_t offset_of(int64_t layer, int64_t row) const;
  void read(Slot& slot, int64_t layer, int64_t row);

  Network network_;
  Budget budget_;
  std::vector<float> biases_;
  std::vector<int64_t> bias_at_;    // by layer
  std::vector<int64_t> weight_at_;  // by layer, in elements
  std::vector<float> memory_;       // all weights, or two panels
  RowFile file_;
  storage::Pool* pool_ = nullptr;
  std::unique_ptr<std::array<Slot, 2>> slots_;
};

}  // namespace ooc_gemm::ann
