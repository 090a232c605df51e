// SPDX-License-Identifier: Apache-2.0
#include "lpcoll/api/device_buffers.hpp"

#include <utility>

#include "lpcoll/api/types.hpp"
#include "lpcoll/transport/device/peers.hpp"

namespace lpcoll::api {

namespace {

std::unique_ptr<Operation> begin_on_host(Communicator& state, const tune::Choice& choice,
                                         const Call& call, device::DeviceMemory& devices) {
  if (!device::needs_staging(devices, call)) return begin(state, choice, call);
  Borrowed memory(state, call.count * call.extent);
  device::Staging staging = device::staging_of(devices, call, state.rank, memory.get().data());
  auto inner = begin(state, choice, staging.call);
  auto staged = device::staged(devices, std::move(staging), std::move(inner));
  return std::make_unique<WithMemory>(std::move(memory), std::move(staged));
}

}  // namespace

std::unique_ptr<Operation> begin_anywhere(Communicator& state, const tune::Choice& choice,
                                          const Call& call) {
  device::DeviceMemory* devices = device::device_memory();
  if (devices == nullptr) return begin(state, choice, call);
  const bool in_order = call.kind != Kind::Bcast && state.settings.reproducible != 0;
  const bool may_be_peers = state.on_gpus && choice.transport == tune::Transport::Shm && !in_order;
  if (!may_be_peers || !device::between_peers(call))
    return begin_on_host(state, choice, call, *devices);
  const uint64_t first = state.node->reserve(device::kPeerChunks);
  return device::start_between_peers(*devices, *state.node, call, first,
                                     begin_on_host(state, choice, call, *devices));
}

HostImage::HostImage(Communicator& state, const Arguments& call) : elements_(call.recv) {
  device::DeviceMemory* devices = device::device_memory();
  if (devices == nullptr) return;
  const Extent extent = extent_of(call.type, call.count);
  std::byte* on_device = static_cast<std::byte*>(call.recv) + extent.first;
  if (!devices->holds(on_device)) return;
  devices_ = devices;
  staging_.call.count = extent.bytes;
  memory_ = std::make_unique<Borrowed>(state, staging_.call.count);
  staging_.call.send = staging_.call.recv = memory_->get().data();
  // On all ranks: what lies in the gaps goes back as it is.
  staging_.copied = devices->copy(staging_.call.recv, on_device, staging_.call.count);
  if (state.rank != call.root) staging_.result = on_device;
  elements_ = staging_.call.recv - extent.first;
}

std::unique_ptr<Operation> HostImage::brought_back_by(std::unique_ptr<Operation> operation) && {
  if (devices_ == nullptr) return operation;
  auto staged = device::staged(*devices_, std::move(staging_), std::move(operation));
  return std::make_unique<WithMemory>(std::move(*memory_), std::move(staged));
}

}  // namespace lpcoll::api
