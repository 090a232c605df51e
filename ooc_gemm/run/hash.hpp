// SPDX-License-Identifier: Apache-2.0
// A 64-bit checksum against accidents (torn writes, bit rot): XXH3 (xxHash 0.8), as fast as memory is read. No state.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ooc_gemm::run {

// Depends on every byte, on their order and on `seed`.
uint64_t hash_bytes(const void* data, size_t bytes, uint64_t seed);
// One sum out of two, in this order.
uint64_t hash_join(uint64_t first, uint64_t second);

}  // namespace ooc_gemm::run
