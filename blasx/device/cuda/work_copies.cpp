// SPDX-License-Identifier: Apache-2.0
// The ways that a tile takes: from a peer, straight between the device and memory that it reaches, or through pinned buffers.
#include <algorithm>

#include "blasx/device/cuda/work.hpp"

namespace blasx::device::cuda {
namespace {

size_t pitch(const Window& w, const Copy& copy) {
  return static_cast<size_t>(w.ld * copy.element_bytes);
}

// The part of a copy at row i, column j.
Copy part_of(const Copy& copy, int64_t i, int64_t j, int64_t rows, int64_t cols) {
  Copy part = copy;
  part.from.data += (i + j * copy.from.ld) * copy.element_bytes;
  part.to.data += (i + j * copy.to.ld) * copy.element_bytes;
  part.rows = rows;
  part.cols = cols;
  return part;
}

cudaError_t copy_here(const Copy& copy, cudaStream_t stream) {
  if (copy.cols == 1) {
    return cudaMemcpyAsync(copy.to.data, copy.from.data,
                           static_cast<size_t>(copy.rows * copy.element_bytes), cudaMemcpyDefault,
                           stream);
  }
  return cudaMemcpy2DAsync(copy.to.data, pitch(copy.to, copy), copy.from.data,
                           pitch(copy.from, copy),
                           static_cast<size_t>(copy.rows * copy.element_bytes),
                           static_cast<size_t>(copy.cols), cudaMemcpyDefault, stream);
}

cudaError_t copy_between(const Copy& copy, int32_t from, int32_t to, cudaStream_t stream) {
  const auto width = static_cast<size_t>(copy.rows * copy.element_bytes);
  if (copy.cols == 1)
    return cudaMemcpyPeerAsync(copy.to.data, to, copy.from.data, from, width, stream);
  const auto lines = static_cast<size_t>(copy.cols);  // of both, in CUDA's words their height
  cudaMemcpy3DPeerParms parameters{};
  parameters.srcDevice = from;
  parameters.dstDevice = to;
  parameters.srcPtr = {copy.from.data, pitch(copy.from, copy), width, lines};
  parameters.dstPtr = {copy.to.data, pitch(copy.to, copy), width, lines};
  parameters.extent = {width, lines, 1};
  return cudaMemcpy3DPeerAsync(&parameters, stream);
}

}  // namespace

// Columns further apart than the hardware's copies can step.
bool Work::pitch_too_long(const Copy& copy) const {
  return std::max(copy.from.ld, copy.to.ld) * copy.element_bytes > most_pitch_;
}

void Work::fetch(const Copy& copy, const Work* peer) {
  open_ops_.insert(static_cast<int64_t>(copy.op));
  if (failing_) return settle();
  if (peer != nullptr) return fetch_from_peer(copy, *peer);
  const Spot spot = home_.spot(copy.from.data);
  if (spot.place == Place::Pageable || (spot.place == Place::Pinned && pitch_too_long(copy)))
    return staging_->fetch(copy);
  bool refused = false;
  const Status status = copy_straight(copy, {spot.gpu, gpu_}, in_, refused);
  if (!status.ok()) return fail(status);
  if (refused) staging_->fetch(copy);
}

void Work::store(const Copy& copy) {
  open_ops_.insert(static_cast<int64_t>(copy.op));
  if (failing_) return settle();
  const Spot spot = home_.spot(copy.to.data);
  const bool full = copy.region == tile::Region::Full;
  bool refused = false;
  if (spot.place == Place::Device && !full) {
    const Status status = copy_columns(copy, {gpu_, spot.gpu}, out_);
    if (!status.ok()) fail(status);
    return;
  }
  // Straight into the caller's memory, unless a copy that breaks off would spoil what the task needs to run again; with the
  // memory of a GPU that happens to, there is nothing left to run for.
  const bool straight =
      spot.place == Place::Device ||
      (spot.place == Place::Pinned && full && !copy.old_value_needed && !pitch_too_long(copy));
  if (straight) {
    const Status status = copy_straight(copy, {gpu_, spot.gpu}, out_, refused);
    if (!status.ok()) return fail(status);
    if (!refused) return;
  }
  staging_->store(copy);
}

void Work::fetch_from_peer(const Copy& copy, const Work& peer) {
  if (peer.lost()) return answer_lost(copy.op, copy.source);
  bool refused = false;
  Status status = copy_straight(copy, {peer.gpu_, gpu_}, between_, refused);
  if (!status.ok()) fail(status);
}

// So that copies between the two go straight; where that cannot be had they go through the host.
Status Work::reach(int32_t gpu) {
  const auto at = static_cast<size_t>(gpu);
  if (reached_.size() <= at) reached_.resize(at + 1, false);
  if (reached_[at]) return {};
  int possible = 0;
  Status status =
      status_of(cudaDeviceCanAccessPeer(&possible, gpu_, gpu), "cudaDeviceCanAccessPeer");
  if (status.ok() && possible != 0) {
    const cudaError_t error = cudaDeviceEnablePeerAccess(gpu, 0);
    // A GPU has room for few peers: the others' copies go through the host too.
    if (error == cudaErrorPeerAccessAlreadyEnabled || error == cudaErrorTooManyPeers)
      (void)cudaGetLastError();
    else
      status = status_of(error, "cudaDeviceEnablePeerAccess");
  }
  reached_[at] = status.ok();
  return status;
}

// `refused`: this pair of addresses cannot be copied so, and nothing has happened; never between memories of GPUs.
Status Work::copy_straight(const Copy& copy, Ends ends, Lane& lane, bool& refused) {
  const bool on_gpus = ends.from >= 0 && ends.to >= 0;
  if (on_gpus && pitch_too_long(copy)) return copy_columns(copy, ends, lane);
  if (on_gpus && ends.from != ends.to) {
    Status status = reach(ends.from == gpu_ ? ends.to : ends.from);
    if (status.ok())
      status =
          status_of(copy_between(copy, ends.from, ends.to, lane.stream()), "cudaMemcpy3DPeerAsync");
    return status.ok() ? mark(lane, copy.op) : status;
  }
  const cudaError_t error = copy_here(copy, lane.stream());
  if (error == cudaErrorInvalidValue && !on_gpus) {
    (void)cudaGetLastError();
    refused = true;
    return {};
  }
  const Status status = status_of(error, "cudaMemcpy2DAsync");
  return status.ok() ? mark(lane, copy.op) : status;
}

// One by one: the other triangle of a diagonal tile is not ours to write, and no copy steps too far.
Status Work::copy_columns(const Copy& copy, Ends ends, Lane& lane) {
  const bool upper = copy.region == tile::Region::Upper;
  const bool lower = copy.region == tile::Region::Lower;
  if (ends.from != ends.to) {
    if (Status status = reach(ends.from == gpu_ ? ends.to : ends.from); !status.ok()) return status;
  }
  for (int64_t j = 0; j < copy.cols; ++j) {
    const int64_t first = lower ? std::min(j, copy.rows) : 0;
    const int64_t end = upper ? std::min(j + 1, copy.rows) : copy.rows;
    if (first >= end) continue;
    const Copy column = part_of(copy, first, j, end - first, 1);
    const cudaError_t error = ends.from == ends.to
                                  ? copy_here(column, lane.stream())
                                  : copy_between(column, ends.from, ends.to, lane.stream());
    if (Status status = status_of(error, "a copy of a column"); !status.ok()) return status;
  }
  return mark(lane, copy.op);
}

}  // namespace blasx::device::cuda
