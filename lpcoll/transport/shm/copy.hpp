// SPDX-License-Identifier: Apache-2.0
// Copies out of the slots. No state.
#pragma once

#include <cstddef>
#include <cstdint>

namespace lpcoll::shm {

// Where the copy goes: to memory that is used again soon, or past the caches, which saves reading what is overwritten and leaves
// the slots where they are.
enum class Destination : uint8_t { Cached, Streamed };

void copy_out(std::byte* to, const std::byte* from, int64_t bytes, Destination destination);

}  // namespace lpcoll::shm
