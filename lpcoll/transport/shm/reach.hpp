// SPDX-License-Identifier: Apache-2.0
// Memory of another process of the host, in one copy and without its help. No state.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>

#include "common/status.hpp"

namespace lpcoll::shm {

// Kernels and containers may refuse; `from` and `to` of the other process are its own addresses.
blasx::Status read_from(pid_t process, std::byte* to, const std::byte* from, int64_t bytes);
blasx::Status write_to(pid_t process, std::byte* to, const std::byte* from, int64_t bytes);

}  // namespace lpcoll::shm
