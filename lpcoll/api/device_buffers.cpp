// SPDX-License-Identifier: Apache-2.0
#include "lpcoll/api/device_buffers.hpp"

#include <algorithm>
#include <utility>

namespace lpcoll::api {

std::unique_ptr<Operation> begin_anywhere(Communicator& state, const tune::Choice& choice,
                                          const Call& call) {
  cuda::DeviceMemory* devices = cuda::device_memory();
  if (devices == nullptr || !cuda::needs_staging(*devices, call)) return begin(state, choice, call);
  Borrowed memory(state, call.count * call.extent);
  cuda::Staging staging = cuda::stage_in(*devices, call, state.rank, memory.get().data());
  auto inner = begin(state, choice, staging.call);
  auto staged = cuda::stage_out(*devices, std::move(staging), std::move(inner));
  return std::make_unique<WithMemory>(std::move(memory), std::move(staged));
}

HostImage::HostImage(Communicator& state, const Arguments& call) : elements_(call.recv) {
  cuda::DeviceMemory* devices = cuda::device_memory();
  if (devices == nullptr) return;
  MPI_Aint lower = 0, extent = 0, true_lower = 0, true_extent = 0;
  PMPI_Type_get_extent(call.type, &lower, &extent);
  PMPI_Type_get_true_extent(call.type, &true_lower, &true_extent);
  const MPI_Aint others = (call.count - 1) * extent;  // an extent may be negative
  const MPI_Aint first = true_lower + std::min<MPI_Aint>(0, others);
  std::byte* on_device = static_cast<std::byte*>(call.recv) + first;
  if (!devices->holds(on_device)) return;
  devices_ = devices;
  staging_.call.count = true_extent + std::max(others, -others);
  memory_ = std::make_unique<Borrowed>(state, staging_.call.count);
  staging_.call.recv = memory_->get().data();
  // On all ranks: what lies in the gaps goes back as it is.
  staging_.copied = devices->copy(staging_.call.recv, on_device, staging_.call.count);
  if (state.rank != call.root) staging_.result = on_device;
  elements_ = staging_.call.recv - first;
}

std::unique_ptr<Operation> HostImage::brought_back_by(std::unique_ptr<Operation> operation) && {
  if (devices_ == nullptr) return operation;
  auto staged = cuda::stage_out(*devices_, std::move(staging_), std::move(operation));
  return std::make_unique<WithMemory>(std::move(*memory_), std::move(staged));
}

}  // namespace lpcoll::api
