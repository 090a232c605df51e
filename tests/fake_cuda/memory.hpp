// SPDX-License-Identifier: Apache-2.0
// The memories of the stand-in: device memory that host code cannot touch, managed memory, and which host memory is pinned. It owns
// the mappings. The machine's lock guards it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "tests/fake_cuda/races.hpp"

namespace blasx::fake_cuda {

enum class Kind : uint8_t { Pageable, Pinned, Registered, Device, Managed };

class Memory {
 public:
  struct Block {
    Kind kind = Kind::Pageable;
    int device = 0;
    size_t bytes = 0;
    std::byte* inside = nullptr;  // where the stand-in itself reaches the bytes
    int file = -1;                // of device memory, for other processes to map
    bool borrowed = false;        // another process's
    uint64_t number = 0;          // of no other block
  };

  ~Memory();

  // Null where the system refuses. New memory is full of 0xff bytes: not a number in every type.
  void* allocate(Kind kind, int device, size_t bytes);
  // Device memory of another process, by its file.
  void* borrow(int device, size_t bytes, int file);
  // The start and the block of what holds the address; null where nothing does.
  const std::pair<const uintptr_t, Block>* block_at(const void* address) const;
  // Gives the address range back. False if it is not the start of a block of this kind.
  bool release(Kind kind, void* start);
  // Host memory of the program's own. False if part of it is registered already.
  bool register_host(void* start, size_t bytes, int device);
  bool unregister_host(void* start);

  // The block that holds the address; null for pageable memory.
  const Block* find(const void* address) const;
  // True if all of the range is in one block, or none of it in any.
  bool in_one_piece(const Range& range) const;
  // Where the stand-in reaches what the program calls `address`.
  std::byte* inside(uintptr_t address) const;
  std::optional<Range> whole(const void* start) const;
  int64_t in_use(int device) const;

 private:
  const std::pair<const uintptr_t, Block>* entry(uintptr_t address) const;
  uint64_t allocated_ = 0;
  std::map<uintptr_t, Block> blocks_;  // by first byte as the program sees it
};

// True if the process may read (and, if asked, write) every page of the range.
bool is_mapped(const void* start, size_t bytes, bool writable);

}  // namespace blasx::fake_cuda
