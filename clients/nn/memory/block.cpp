// SPDX-License-Identifier: Apache-2.0
#include "clients/nn/memory/block.hpp"

#include <fmt/format.h>
#include <sys/mman.h>

#include <algorithm>

#include "clients/nn/error.hpp"

namespace nn::memory {

void Unmap::operator()(std::byte* pointer) const { munmap(pointer, bytes); }

Block take(int64_t bytes) {
  const size_t size = static_cast<size_t>(std::max<int64_t>(bytes, 1));
  void* place = mmap(nullptr, size, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (place == MAP_FAILED) throw Error(fmt::format("the system refuses {} bytes of memory", bytes));
  return {static_cast<std::byte*>(place), Unmap{size}};
}

}  // namespace nn::memory
