// SPDX-License-Identifier: Apache-2.0
// Collectives of buffers in the memory of a GPU, by way of the host's. Each rank decides for itself: what the others send and receive
// is the same whatever memory theirs and this one's is in.
#pragma once

#include <memory>

#include "lpcoll/transport/cuda/device_memory.hpp"
#include "lpcoll/transport/operation.hpp"

namespace lpcoll::cuda {

// True if the call has a buffer in the memory of a GPU.
bool needs_staging(DeviceMemory& devices, const Call& call);

// The call on host memory: `call` with its device buffers replaced by `host`, which has count * extent bytes, and what this rank
// sends copied there. What could not be copied is told when the operation ends: the other ranks count on this one's part.
struct Staging {
  Call call;
  std::byte* result = nullptr;  // on the device; null: there is nothing to bring back
  Status copied;
};
Staging stage_in(DeviceMemory& devices, const Call& call, int rank, std::byte* host);

// `inner`, which is the staged call under way, and then its result back on the device.
std::unique_ptr<Operation> stage_out(DeviceMemory& devices, Staging staging,
                                     std::unique_ptr<Operation> inner);

}  // namespace lpcoll::cuda
