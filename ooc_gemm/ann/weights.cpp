// SPDX-License-Identifier: Apache-2.0
#include "ooc_gemm/ann/weights.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>

namespace ooc_gemm::ann {

namespace {

constexpr int64_t kFloat = sizeof(float);

// Normal numbers from uniform ones by Box and Muller's formula: std::normal_distribution differs between libraries.
class Normal {
 public:
  explicit Normal(uint64_t seed) : random_(seed) {}
  double next() {
    const double radius = std::sqrt(-2 * std::log(1 - uniform()));
    return radius * std::cos(2 * std::numbers::pi * uniform());
  }

 private:
  double uniform() { return static_cast<double>(random_() >> 11) * 0x1p-53; }
  std::mt19937_64 random_;
};

}  // namespace

Result<Weights> Weights::make(const Network& network, const Budget& budget,
                              const std::string& work_folder, storage::Pool& pool) {
  Weights weights;
  weights.network_ = network;
  weights.budget_ = budget;
  weights.pool_ = &pool;
  int64_t bias = 0;
  int64_t weight = 0;
  for (int64_t layer = 1; layer <= network.layers(); ++layer) {
    weights.bias_at_.push_back(bias);
    weights.weight_at_.push_back(weight);
    bias += network.out(layer);
    weight += network.in(layer)*network.out(layer);
  }
  weights.biases_.resize(static_cast<size_t>(bias));
  weights.memory_.resize(static_cast<size_t>(budget.weight_bytes / kFloat));
  if (budget.weights_in_memory) return weights;
  auto file = RowFile::scratch(work_folder, "weights", weight * kFloat);
  if (!file) return blasx::failure(file.error());
  weights.file_ = std::move(*file);
  // A file system that reserves nothing would have a file without an end.
  const float zero = 0;
  if (Status last = weights.file_.write((weight - 1) * kFloat, &zero, kFloat); !last)
    return blasx::failure(last);
  weights.slots_ = std::make_unique<std::array<Slot, 2>>();
  for (size_t i = 0; i < 2; ++i) {
    (*weights.slots_)[i].panel.data = weights.memory_.data() + i * (weights.memory_.size() / 2);
  }
  return weights;
}

Status Weights::fill(uint64_t seed) {
  Normal normal(seed);
  for (int64_t layer = 1; layer <= network_.layers(); ++layer) {
    const double deviation = std::sqrt(2 / static_cast<double>(network_.in(layer)));
    const auto fill_panel = [&](const Panel& panel) {
      for (int64_t i = 0; i < panel.rows * network_.in(layer); ++i)
        panel.data[i] = static_cast<float>(deviation * normal.next());
      return Status();
    };
    if (Status done = for_each_panel(layer, true, fill_panel); !done) return done;
  }
  return {};
}

int64_t Weights::offset_of(int64_t layer, int64_t row) const {
  return (weight_at_[static_cast<size_t>(layer - 1)] + row * network_.in(layer)) * kFloat;
}

void Weights::read(Slot& slot, int64_t layer, int64_t row) {
  slot.panel.row = row;
  slot.panel.rows =
      std::min(budget_.panel_rows[static_cast<size_t>(layer - 1)], network_.out(layer) - row);
  const int64_t offset = offset_of(layer, row);
  const int64_t bytes = slot.panel.rows * network_.in(layer)*kFloat;
  pool_->submit(slot.ticket, [this, to = slot.panel.data, offset, bytes] {
    return file_.read(offset, to, bytes);
  });
}

Status Weights::for_each_panel(int64_t layer, bool changes, const Visitor& visit) {
  if (budget_.weights_in_memory) {
    return visit(
        {0, network_.out(layer), memory_.data() + weight_at_[static_cast<size_t>(layer - 1)]});
  }
  std::array<Slot, 2>& slots = *slots_;
  size_t now = 0;
  Status done;
  read(slots[now], layer, 0);
  while (true) {
    Slot& slot = slots[now];
    if (done = slot.ticket.wait(); !done) break;
    const int64_t next_row = slot.panel.row + slot.panel.rows;
    Slot& other = slots[1 - now];
    if (next_row < network_.out(layer)) {
      // Its last panel may still be on its way to the file.
      if (done = other.ticket.wait(); !done) break;
      read(other, layer, next_row);
    }
    if (done = visit(slot.panel); !done) break;
    if (changes) {
      const int64_t offset = offset_of(layer, slot.panel.row);
      const int64_t bytes = slot.panel.rows * network_.in(layer)*kFloat;
      pool_->submit(slot.ticket, [this, from = slot.panel.data, offset, bytes] {
        return file_.write(offset, from, bytes);
      });
    }
    if (next_row >= network_.out(layer)) break;
    now = 1 - now;
  }
  // The next who reads finds what was written.
  for (Slot& slot : slots) {
    if (Status settled = slot.ticket.wait(); !settled && done.ok()) done = settled;
  }
  return done;
}

}  // namespace ooc_gemm::ann
