// SPDX-License-Identifier: Apache-2.0
#include "ooc_gemm/ann/budget.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "common/parse.hpp"

namespace ooc_gemm::ann {

namespace {

constexpr int64_t kFloat = sizeof(float);

int64_t widest_row(const Network& network) {
  int64_t widest = 0;
  for (int64_t layer = 1; layer <= network.layers(); ++layer)
    widest = std::max(widest, network.in(layer));
  return widest;
}

int64_t fixed_bytes(const Needs& needs) {
  const Network& network = needs.network;
  const int64_t inputs = 2 * needs.batch * network.in(1);
  const int64_t activations = needs.batch * network.units();
  const int64_t derivatives = 2 * needs.batch * network.widest();
  const int64_t labels_and_order = 2 * needs.samples;
  return (inputs + activations + derivatives + network.units() + labels_and_order) * kFloat;
}

// Rows that two panels of `panel_bytes` each can hold, in equal parts.
std::vector<int64_t> rows_of_panels(const Network& network, int64_t panel_bytes) {
  std::vector<int64_t> rows;
  for (int64_t layer = 1; layer <= network.layers(); ++layer) {
    const int64_t out = network.out(layer);
    const int64_t most = std::clamp<int64_t>(panel_bytes / (network.in(layer)*kFloat), 1, out);
    const int64_t panels = (out + most - 1) / most;
    rows.push_back((out + panels - 1) / panels);
  }
  return rows;
}

}  // namespace

Result<Budget> make_budget(const Needs& needs, int64_t memory_bytes) {
  const Network& network = needs.network;
  const int64_t fixed = fixed_bytes(needs);
  const int64_t data = needs.samples * needs.row_bytes;
  const int64_t weights = network.weights() * kFloat;
  const int64_t least = fixed + 2 * widest_row(network) * kFloat;
  if (memory_bytes > 0 && memory_bytes < least) {
    return blasx::failure(
        StatusCode::OutOfMemory,
        fmt::format("a memory of {} is too small for batches of {} in {}: {} bytes are the least",
                    blasx::parse::human_bytes(static_cast<double>(memory_bytes)), needs.batch,
                    network.text(), least));
  }
  std::optional<Budget> best;
  for (const bool data_in_memory : {true, false}) {
    for (const bool weights_in_memory : {true, false}) {
      Budget budget{data_in_memory, weights_in_memory, data_in_memory ? data : 0, 0, fixed, {}, 0};
      const int64_t room = memory_bytes == 0 ? data + weights : memory_bytes - fixed;
      const int64_t left = room - budget.data_bytes;
      if (weights_in_memory) {
        budget.weight_bytes = weights;
        budget.panel_rows.assign(network.sizes.begin() + 1, network.sizes.end());
      } else if (left >= 2 * widest_row(network) * kFloat) {
        budget.panel_rows = rows_of_panels(network, left / 2);
        for (int64_t layer = 1; layer <= network.layers(); ++layer) {
          const int64_t rows = budget.panel_rows[static_cast<size_t>(layer - 1)];
          budget.weight_bytes = std::max(budget.weight_bytes, 2 * rows * network.in(layer)*kFloat);
        }
      } else {
        continue;
      }
      if (budget.data_bytes + budget.weight_bytes > room) continue;
      // Weights are read forwards, read backwards and written.
      budget.streamed_bytes_per_step = (data_in_memory ? 0 : needs.batch * needs.row_bytes) +
                                       (weights_in_memory ? 0 : 3 * weights);
      if (!best || budget.streamed_bytes_per_step < best->streamed_bytes_per_step) best = budget;
    }
  }
  return *best;  // nothing in memory fits whenever the least does
}

}  // namespace ooc_gemm::ann
