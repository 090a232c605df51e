// SPDX-License-Identifier: Apache-2.0
// Collectives of ranks of one host whose buffers are all in the memory of GPUs that reach each other: bytes go from device to device,
// and sums are made there.
#pragma once

#include <cstdint>
#include <memory>

#include "lpcoll/transport/device/device_memory.hpp"
#include "lpcoll/transport/operation.hpp"
#include "lpcoll/transport/shm/node.hpp"

namespace lpcoll::device {

// Broadcasts, and allreduces that are sums a device can make: the same answer on all ranks.
bool between_peers(const Call& call);

// Chunks of the Node in which the ranks tell each other where their buffers are.
inline constexpr uint64_t kPeerChunks = 3;

// All ranks have device memory and start this alike. `first` is the first of kPeerChunks reserved chunks, those of `other`, the same call
// another way, follow: where one rank's buffer is on the host or cannot be reached by another, all carry out that.
std::unique_ptr<Operation> start_between_peers(DeviceMemory& devices, shm::Node& node,
                                               const Call& call, uint64_t first,
                                               std::unique_ptr<Operation> other);

}  // namespace lpcoll::device
