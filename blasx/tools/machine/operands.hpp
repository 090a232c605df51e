// SPDX-License-Identifier: Apache-2.0
// Tiles to compute on again and again, as in a device's arena: large pages, and a kernel finds its tiles where a copy left them, not in
// the cache of its core. One thread uses an Operands, which owns its memory.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>

#include "blasx/tools/machine/measure.hpp"

namespace blasx::tools {

struct Free {
  void operator()(void* memory) const { std::free(memory); }
};
using Memory = std::unique_ptr<std::byte, Free>;

// Whole large pages, of which at least `bytes`; what is in them is not defined. Throws std::bad_alloc.
Memory large_memory(size_t bytes);

tile::Step step_of(const KernelFamily& family, int64_t edge);

class Operands {
 public:
  Operands(Type type, int64_t edge);
  // On the set of three tiles that has rested longest.
  void run(const tile::Step& step);

 private:
  static constexpr size_t kTiles = 3;
  static constexpr size_t kColdBytes = size_t{48} << 20;  // more than a core has of any cache

  Type type_;
  int64_t ld_;
  size_t tile_bytes_, count_, next_ = 0;
  Memory memory_;
};

}  // namespace blasx::tools
