// SPDX-License-Identifier: Apache-2.0
#include "ooc_gemm/run/hash.hpp"

#include <xxhash.h>
// On x86 the library has the function once for each vector length, and this header takes the processor's.
#if defined(__x86_64__) && __has_include(<xxh_x86dispatch.h>)
#include <xxh_x86dispatch.h>
#endif

namespace ooc_gemm::run {

uint64_t hash_bytes(const void* data, size_t bytes, uint64_t seed) {
  return XXH3_64bits_withSeed(data, bytes, seed);
}

uint64_t hash_join(uint64_t first, uint64_t second) {
  return hash_bytes(&second, sizeof(second), first);
}

}  // namespace ooc_gemm::run
