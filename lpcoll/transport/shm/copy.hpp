// SPDX-License-Identifier: Apache-2.0
// Copies into the slots and out of them. No state.
#pragma once

#include <cstddef>
#include <cstdint>

namespace lpcoll::shm {

// Whether what comes later is asked for before its turn. Of messages that no core's cache holds, lines that another core has written come
// late, and each page anew; those that lie in caches are not to be asked for twice.
enum class Reading : uint8_t { Plain, Ahead };

inline constexpr int64_t kLine = 64;
inline constexpr int64_t kAhead = 1024;  // bytes before its turn

void copy(std::byte* to, const std::byte* from, int64_t bytes, Reading reading);

// What lies in the slot goes to `to`, and what lies at `from` into the slot, line by line and reading ahead. `to` and `from` are apart.
void exchange(std::byte* to, std::byte* slot, const std::byte* from, int64_t bytes);

// Where the copy goes: to memory that is used again soon, or past the caches, which saves reading what is overwritten and leaves
// the slots where they are.
enum class Destination : uint8_t { Cached, Streamed };

void copy_out(std::byte* to, const std::byte* from, int64_t bytes, Destination destination,
              Reading reading = Reading::Plain);

}  // namespace lpcoll::shm
