// SPDX-License-Identifier: Apache-2.0
#include "clients/trainer/exchange.hpp"

namespace trainer {
namespace {

// Layers are sent alone when they are as large as this; smaller neighbours go together.
constexpr int64_t kPiece_bytes = 256 << 10;

int count_of(nn::Range range) { return static_cast<int>(range.end - range.begin); }

}  // namespace

Exchange::Exchange(const Ranks& ranks, nn::Parameters& parameters, const std::string& form)
    : ranks_(ranks), parameters_(parameters), by_root_(form == "reduce"), reduce_(by_root_) {}

void Exchange::ready(int layer) {
  const nn::Range range = parameters_.of_layer(layer);
  if (range.begin < range.end) {
    if (gathered_.begin == gathered_.end) gathered_.end = range.end;
    gathered_.begin = range.begin;
  }
  const int64_t bytes = count_of(gathered_) * static_cast<int64_t>(sizeof(float));
  if (bytes == 0 || (bytes < kPiece_bytes && layer > 0)) return;
  begin(gathered_);
  gathered_ = {};
}

void Exchange::begin(nn::Range piece) {
  pieces_.push_back(piece);
  requests_.push_back(LP_REQUEST_NULL);
  if (ranks_.size() == 1) return;
  float* gradients = parameters_.gradients() + piece.begin;
  if (!reduce_)
    LP_Iallreduce(MPI_IN_PLACE, gradients, count_of(piece), MPI_FLOAT, MPI_SUM, ranks_.comm(),
                  &requests_.back());
  else if (ranks_.rank() == 0)
    LP_Ireduce(MPI_IN_PLACE, gradients, count_of(piece), MPI_FLOAT, MPI_SUM, 0, ranks_.comm(),
               &requests_.back());
  else
    LP_Ireduce(gradients, nullptr, count_of(piece), MPI_FLOAT, MPI_SUM, 0, ranks_.comm(),
               &requests_.back());
}

void Exchange::finish(const std::function<void(nn::Range)>& step) {
  const bool steps = !reduce_ || ranks_.rank() == 0;
  for (size_t i = 0; i < pieces_.size(); ++i) {
    LP_Wait(&requests_[i], MPI_STATUS_IGNORE);
    if (steps) step(pieces_[i]);
    if (reduce_ && ranks_.size() > 1)
      LP_Ibcast(parameters_.values() + pieces_[i].begin, count_of(pieces_[i]), MPI_FLOAT, 0,
                ranks_.comm(), &requests_[i]);
  }
  LP_Waitall(static_cast<int>(requests_.size()), requests_.data(), MPI_STATUSES_IGNORE);
  pieces_.clear();
  requests_.clear();
  const int64_t statistics = parameters_.elems() - parameters_.trained_elems();
  if (statistics == 0 || ranks_.size() == 1) return;
  float* first = parameters_.values() + parameters_.trained_elems();
  LP_Allreduce(MPI_IN_PLACE, first, static_cast<int>(statistics), MPI_FLOAT, MPI_SUM,
               ranks_.comm());
  for (int64_t i = 0; i < statistics; ++i) first[i] /= static_cast<float>(ranks_.size());
}

void Exchange::finish_sum() {
  LP_Waitall(static_cast<int>(requests_.size()), requests_.data(), MPI_STATUSES_IGNORE);
  pieces_.clear();
  requests_.clear();
}

}  // namespace trainer
