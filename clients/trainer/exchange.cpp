// SPDX-License-Identifier: Apache-2.0
#include "clients/trainer/exchange.hpp"

namespace trainer {
namespace {

// Layers are sent alone when they are as large as this; smaller neighbours go together.
constexpr int64_t kPiece_bytes = 256 << 10;

int count_of(nn::Range range) { return static_cast<int>(range.end - range.begin); }
int64_t bytes_of(nn::Range range) {
  return (range.end - range.begin) * static_cast<int64_t>(sizeof(float));
}

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
  const int64_t bytes = bytes_of(gathered_);
  if (bytes == 0 || (bytes < kPiece_bytes && layer > 0)) return;
  pieces_.push_back({.range = gathered_, .request = LP_REQUEST_NULL, .host = {}});
  gathered_ = {};
  if (overlap_) begin(pieces_.back());
}

// liblpcoll takes a GPU's memory in calls that it carries out itself; which these are it measures, and all others reach the MPI, which
// need not know about such memory. So what is sent is a copy on the host.
float* Exchange::lend(Piece& piece, float* all) {
  nn::Device& device = parameters_.device();
  float* numbers = all + piece.range.begin;
  if (device.on_host()) return numbers;
  if (!piece.host) piece.host = device.take_host(bytes_of(piece.range));
  device.download(piece.host.get(), numbers, bytes_of(piece.range));
  return reinterpret_cast<float*>(piece.host.get());
}

void Exchange::take_back(const Piece& piece, float* all) {
  if (!piece.host) return;
  nn::Device& device = parameters_.device();
  device.await(device.copy_in(all + piece.range.begin, piece.host.get(), bytes_of(piece.range)));
}

void Exchange::begin(Piece& piece) {
  if (ranks_.size() == 1) return;
  float* gradients = lend(piece, parameters_.gradients());
  const int count = count_of(piece.range);
  const bool root = ranks_.rank() == 0;
  const void* from = reduce_ && !root ? gradients : MPI_IN_PLACE;
  void* to = reduce_ && !root ? nullptr : gradients;
  LP_Request* request = &piece.request;
  if (reduce_ && overlap_)
    LP_Ireduce(from, to, count, MPI_FLOAT, MPI_SUM, 0, ranks_.comm(), request);
  else if (reduce_)
    LP_Reduce(from, to, count, MPI_FLOAT, MPI_SUM, 0, ranks_.comm());
  else if (overlap_)
    LP_Iallreduce(from, to, count, MPI_FLOAT, MPI_SUM, ranks_.comm(), request);
  else
    LP_Allreduce(from, to, count, MPI_FLOAT, MPI_SUM, ranks_.comm());
}

void Exchange::wait_all() {
  for (Piece& piece : pieces_) LP_Wait(&piece.request, MPI_STATUS_IGNORE);
}

void Exchange::finish(const std::function<void(nn::Range)>& step) {
  const bool broadcasts = reduce_ && ranks_.size() > 1;
  const bool steps = !reduce_ || ranks_.rank() == 0;
  for (Piece& piece : pieces_) {
    if (!overlap_) begin(piece);
    LP_Wait(&piece.request, MPI_STATUS_IGNORE);
    if (steps) {
      take_back(piece, parameters_.gradients());
      step(piece.range);
    }
    if (broadcasts)
      LP_Ibcast(lend(piece, parameters_.values()), count_of(piece.range), MPI_FLOAT, 0,
                ranks_.comm(), &piece.request);
  }
  wait_all();
  if (broadcasts && ranks_.rank() != 0)
    for (const Piece& piece : pieces_) take_back(piece, parameters_.values());
  pieces_.clear();
  Piece statistics{.range = {parameters_.trained_elems(), parameters_.elems()},
                   .request = LP_REQUEST_NULL,
                   .host = {}};
  const int count = count_of(statistics.range);
  if (count == 0 || ranks_.size() == 1) return;
  float* mine = lend(statistics, parameters_.values());
  LP_Allreduce(MPI_IN_PLACE, mine, count, MPI_FLOAT, MPI_SUM, ranks_.comm());
  take_back(statistics, parameters_.values());
  parameters_.device().combine(1 / static_cast<float>(ranks_.size()),
                               parameters_.values() + statistics.range.begin, 0, nullptr, count);
}

void Exchange::finish_sum() {
  for (Piece& piece : pieces_) {
    if (!overlap_) begin(piece);
    LP_Wait(&piece.request, MPI_STATUS_IGNORE);
    take_back(piece, parameters_.gradients());
  }
  pieces_.clear();
}

}  // namespace trainer
