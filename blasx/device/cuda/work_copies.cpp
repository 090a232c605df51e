// SPDX-License-Identifier: Apache-2.0
// The ways that a tile takes: from a peer, straight between the device and memory that it reaches, or through pinned buffers.
#include <algorithm>
#include <climits>

#include "blasx/device/clock.hpp"
#include "blasx/device/cuda/work.hpp"

namespace blasx::device::cuda {
namespace {

// Longer rows than the hardware's copies can step over.
bool pitch_too_long(const Copy& copy) {
  return std::max(copy.from.ld, copy.to.ld) * copy.element_bytes > INT_MAX;
}

size_t pitch(const Window& w, const Copy& copy) {
  return static_cast<size_t>(w.ld * copy.element_bytes);
}

cudaError_t copy_columns(const Copy& copy, int64_t i, int64_t j, int64_t rows, int64_t cols,
                         cudaStream_t stream) {
  const auto at = [&](const Window& w) { return w.data + (i + j * w.ld) * copy.element_bytes; };
  return cudaMemcpy2DAsync(at(copy.to), pitch(copy.to, copy), at(copy.from), pitch(copy.from, copy),
                           static_cast<size_t>(rows * copy.element_bytes),
                           static_cast<size_t>(cols), cudaMemcpyDefault, stream);
}

}  // namespace

void Work::fetch(const Copy& copy, const Work* peer) {
  open_ops_.insert(static_cast<int64_t>(copy.op));
  if (failing_) return settle();
  if (peer != nullptr) return fetch_from_peer(copy, *peer);
  if (home_.place(copy.from.data) != Place::Pageable && !pitch_too_long(copy)) {
    bool refused = false;
    const Status status = copy_straight(copy, in_, refused);
    if (!status.ok()) return fail(status);
    if (!refused) return;
  }
  staging_->fetch(copy);
}

void Work::store(const Copy& copy) {
  open_ops_.insert(static_cast<int64_t>(copy.op));
  if (failing_) return settle();
  const Place place = home_.place(copy.to.data);
  const bool full = copy.region == tile::Region::Full;
  if (place == Place::Device) {
    bool refused = false;
    Status status = full ? copy_straight(copy, out_, refused) : copy_triangle(copy, out_);
    if (refused)
      status = Status(StatusCode::DeviceLost, "a copy to the caller's device memory was refused");
    if (!status.ok()) fail(status);
    return;
  }
  // Straight into the caller's memory, unless a copy that breaks off would spoil what the task needs to run again.
  if (place == Place::Pinned && full && !copy.old_value_needed && !pitch_too_long(copy)) {
    bool refused = false;
    const Status status = copy_straight(copy, out_, refused);
    if (!status.ok()) return fail(status);
    if (!refused) return;
  }
  staging_->store(copy);
}

void Work::fetch_from_peer(const Copy& copy, const Work& peer) {
  if (peer.lost()) return answer_lost(copy.op, copy.source);
  const auto from = static_cast<size_t>(peer.gpu_);
  if (reached_.size() <= from) reached_.resize(from + 1, false);
  if (peer.gpu_ != gpu_ && !reached_[from]) {
    const cudaError_t error = cudaDeviceEnablePeerAccess(peer.gpu_, 0);
    if (error != cudaSuccess && error != cudaErrorPeerAccessAlreadyEnabled)
      return fail(status_of(error, "cudaDeviceEnablePeerAccess"));
    (void)cudaGetLastError();
    reached_[from] = true;
  }
  const auto width = static_cast<size_t>(copy.rows * copy.element_bytes);
  cudaMemcpy3DPeerParms parameters{};
  parameters.srcDevice = peer.gpu_;
  parameters.dstDevice = gpu_;
  const auto rows = static_cast<size_t>(copy.rows);
  parameters.srcPtr = {copy.from.data, pitch(copy.from, copy), width, rows};
  parameters.dstPtr = {copy.to.data, pitch(copy.to, copy), width, rows};
  parameters.extent = {width, static_cast<size_t>(copy.cols), 1};
  Status status =
      status_of(cudaMemcpy3DPeerAsync(&parameters, between_.stream()), "cudaMemcpy3DPeerAsync");
  if (status.ok()) status = mark(between_, copy.op);
  if (!status.ok()) fail(status);
}

// `refused`: this pair of addresses cannot be copied so, and nothing has happened.
Status Work::copy_straight(const Copy& copy, Lane& lane, bool& refused) {
  const cudaError_t error = copy_columns(copy, 0, 0, copy.rows, copy.cols, lane.stream());
  if (error == cudaErrorInvalidValue) {
    (void)cudaGetLastError();
    refused = true;
    return {};
  }
  if (error != cudaSuccess) return status_of(error, "cudaMemcpy2DAsync");
  return mark(lane, copy.op);
}

// Column by column: the other triangle of a diagonal tile is not ours to write.
Status Work::copy_triangle(const Copy& copy, Lane& lane) {
  for (int64_t j = 0; j < copy.cols; ++j) {
    const bool upper = copy.region == tile::Region::Upper;
    const int64_t first = upper ? 0 : std::min(j, copy.rows);
    const int64_t end = upper ? std::min(j + 1, copy.rows) : copy.rows;
    if (first >= end) continue;
    const cudaError_t error = copy_columns(copy, first, j, end - first, 1, lane.stream());
    if (error != cudaSuccess) return status_of(error, "cudaMemcpy2DAsync");
  }
  return mark(lane, copy.op);
}

}  // namespace blasx::device::cuda
