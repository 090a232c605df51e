// SPDX-License-Identifier: Apache-2.0
// The blocks of one device: what each holds, which are free, and in which order the others were last used. Owned by the
// tile cache; inline because every operation passes here.
#pragma once

#include <cstdint>
#include <vector>

#include "blasx/schedule/protocol.hpp"

namespace blasx::cache {

using schedule::BlockId;
using schedule::DeviceId;
using tile::TileId;

struct Block {
  TileId tile = TileId::None;  // bound to
  int32_t pins = 0;
  int32_t before = -1, after = -1;  // in the LRU list, -1 at its ends
  bool evictable = false;           // in the LRU list: bound, valid, unpinned
  bool discarded = false;           // free at the last unpin
  bool favoured = false;
  bool second_chance = false;
  bool spent = false;  // nobody is expected to read it again: the first to go
  int32_t uses = 0;    // by kernels, since it was bound
};

// Another device's arena, and the rate at which it is read from here.
struct Peer {
  DeviceId device{};
  double rate = 0;  // bytes/s
};

struct Arena {
  std::vector<Block> blocks;
  std::vector<int32_t> free;
  int32_t outputs = 0;  // the first blocks, for outputs only
  std::vector<int32_t> free_outputs;
  std::vector<Peer> near;
  int32_t oldest = -1, newest = -1;
  int32_t evictable = 0;
  int32_t spent = 0;  // of those
  int32_t first_favoured = 0, last_favoured = 0;
  bool gone = false;

  void link_newest(int32_t b) {
    Block& block = blocks[static_cast<size_t>(b)];
    block.before = newest;
    block.after = -1;
    block.evictable = true;
    block.spent = false;
    (newest >= 0 ? blocks[static_cast<size_t>(newest)].after : oldest) = b;
    newest = b;
    ++evictable;
  }
  void link_oldest(int32_t b) {
    Block& block = blocks[static_cast<size_t>(b)];
    block.before = -1;
    block.after = oldest;
    block.evictable = true;
    (oldest >= 0 ? blocks[static_cast<size_t>(oldest)].before : newest) = b;
    oldest = b;
    ++evictable;
    ++spent;
  }
  void unlink(int32_t b) {
    Block& block = blocks[static_cast<size_t>(b)];
    if (block.spent) --spent;
    block.spent = false;
    (block.before >= 0 ? blocks[static_cast<size_t>(block.before)].after : oldest) = block.after;
    (block.after >= 0 ? blocks[static_cast<size_t>(block.after)].before : newest) = block.before;
    block.before = block.after = -1;
    block.evictable = false;
    --evictable;
  }
};

}  // namespace blasx::cache
