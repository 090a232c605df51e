// SPDX-License-Identifier: Apache-2.0
// Collectives of buffers in the memory of a GPU, by way of the host's. Each rank decides for itself: what the others send and receive
// is the same whatever memory theirs and this one's is in.
#pragma once

#include <memory>

#include "lpcoll/transport/device/device_memory.hpp"
#include "lpcoll/transport/operation.hpp"

namespace lpcoll::device {

// True if the call has a buffer in the memory of a GPU.
bool needs_staging(DeviceMemory& devices, const Call& call);

// The call on host memory, and what has to be copied before and after.
struct Staging {
  Call call;
  const std::byte* values = nullptr;  // on the device, for call.send; null: they are there
  std::byte* result = nullptr;        // on the device; null: there is nothing to bring back
  Status copied;                      // what came of what was copied so far
};
// `call` with its device buffers replaced by `host`, which has count * extent bytes.
Staging staging_of(DeviceMemory& devices, const Call& call, int rank, std::byte* host);

// The values copied to the host when it is first advanced, `inner`, which is the staged call, and the result back on the device. What
// could not be copied is told at the end: the other ranks count on this one's part.
std::unique_ptr<Operation> staged(DeviceMemory& devices, Staging staging,
                                  std::unique_ptr<Operation> inner);

}  // namespace lpcoll::device
