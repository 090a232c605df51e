// SPDX-License-Identifier: Apache-2.0
#include "clients/trainer/exchange.hpp"

namespace trainer {
namespace {

// Layers are sent alone when they are as large as this; smaller neighbours go together.
constexpr int64_t kPiece_bytes = 256 << 10;

int count_of(nn::Range range) { return static_cast<int>(range.end - range.begin); }

}  // namespace

Exchange::Exchange(const Ranks& ranks, nn::Parameters& parameters, const std::string& form,
                   bool overlap)
    : ranks_(ranks),
      parameters_(parameters),
      by_root_(form == "reduce"),
      reduce_(by_root_),
      overlap_(overlap) {}

void Exchange::ready(int layer) {
  const nn::Range range = parameters_.of_layer(layer);
  if (range.begin < range.end) {
    if (gathered_.begin == gathered_.end) gathered_.end = range.end;
    gathered_.begin = range.begin;
  }
  const int64_t bytes = count_of(gathered_) * static_cast<int64_t>(sizeof(float));
  if (bytes == 0 || (bytes < kPiece_bytes && layer > 0)) return;
  pieces_.push_back(gathered_);
  requests_.push_back(LP_REQUEST_NULL);
  gathered_ = {};
  if (overlap_) begin(pieces_.size() - 1);
}

void Exchange::begin(size_t piece) {
  if (ranks_.size() == 1) return;
  float* gradients = parameters_.gradients() + pieces_[piece].begin;
  const int count = count_of(pieces_[piece]);
  const bool root = ranks_.rank() == 0;
  const void* from = reduce_ && !root ? gradients : MPI_IN_PLACE;
  void* to = reduce_ && !root ? nullptr : gradients;
  LP_Request* request = &requests_[piece];
  if (reduce_ && overlap_)
    LP_Ireduce(from, to, count, MPI_FLOAT, MPI_SUM, 0, ranks_.comm(), request);
  else if (reduce_)
    LP_Reduce(from, to, count, MPI_FLOAT, MPI_SUM, 0, ranks_.comm());
  else if (overlap_)
    LP_Iallreduce(from, to, count, MPI_FLOAT, MPI_SUM, ranks_.comm(), request);
  else
    LP_Allreduce(from, to, count, MPI_FLOAT, MPI_SUM, ranks_.comm());
}

void Exchange::finish(const std::function<void(nn::Range)>& step) {
  const bool steps = !reduce_ || ranks_.rank() == 0;
  for (size_t i = 0; i < pieces_.size(); ++i) {
    if (!overlap_) begin(i);
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
  for (size_t i = 0; i < pieces_.size() && !overlap_; ++i) begin(i);
  LP_Waitall(static_cast<int>(requests_.size()), requests_.data(), MPI_STATUSES_IGNORE);
  pieces_.clear();
  requests_.clear();
}

}  // namespace trainer
