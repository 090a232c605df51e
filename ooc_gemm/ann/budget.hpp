// SPDX-License-Identifier: Apache-2.0
// What a training keeps in the memory it is given, and what it streams from files instead: pure arithmetic.
#pragma once

#include <cstdint>
#include <vector>

#include "ooc_gemm/ann/network.hpp"

namespace ooc_gemm::ann {

struct Needs {
  Network network;
  int64_t batch = 0;
  int64_t samples = 0;
  int64_t row_bytes = 0;  // of a sample as it is stored
};

struct Budget {
  bool data_in_memory = true;
  bool weights_in_memory = true;
  int64_t data_bytes = 0;               // taken by samples
  int64_t weight_bytes = 0;             // taken by weights, or by two panels of them
  int64_t other_bytes = 0;              // batches, activations, labels: what cannot be elsewhere
  std::vector<int64_t> panel_rows;      // of each layer's weights that are in memory at a time
  int64_t streamed_bytes_per_step = 0;  // from and to files

  int64_t total_bytes() const { return data_bytes + weight_bytes + other_bytes; }
  bool operator==(const Budget&) const = default;
};

// The way that moves the fewest bytes a step within `memory_bytes`; 0 means as much as it takes. Refused, with the
// least that would do, when not even one row of weights fits beside the batch.
Result<Budget> make_budget(const Needs& needs, int64_t memory_bytes);

}  // namespace ooc_gemm::ann
