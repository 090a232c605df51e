// SPDX-License-Identifier: Apache-2.0
// The two-level tile cache of one call: arenas cut into blocks with approximate LRU, and the directory of who holds or is
// fetching which tile. Pure bookkeeping, owned by the scheduler; no bytes move here.
// Source: Wang et al., BLASX (ICS 2016), section 4.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "blasx/schedule/protocol.hpp"
#include "blasx/tile/graph.hpp"

namespace blasx::cache {

using schedule::BlockId;
using schedule::DeviceId;
using tile::TileId;

enum class CopyState : uint8_t {
  Invalid,
  Waiting,   // has a block; the tile comes from a peer that is still fetching it itself
  Fetching,  // a copy into the block is under way
  Valid,
};

// Where to get a tile from.
struct Source {
  DeviceId device = DeviceId::Home;
  bool wait = false;  // that device is still fetching it: wait for its copy
};

class TileCache {
 public:
  // blocks[d]: size of device d's arena, 0 for a device on home memory.
  TileCache(const tile::TaskGraph& graph, std::vector<int32_t> blocks, schedule::LinkTable links);

  CopyState state(DeviceId d, TileId t) const { return entry(d, t).state; }
  BlockId block(DeviceId d, TileId t) const { return entry(d, t).block; }
  // The device whose fetch a Waiting copy waits for.
  DeviceId waits_for(DeviceId d, TileId t) const { return DeviceId{entry(d, t).waits_for}; }

  // What the device's band keeps while the rest streams past: tiles of one group only, which lies in [first, last). They get
  // a second chance before they are evicted. Alone the time of last use would not tell them from what has streamed past.
  void favour(DeviceId d, int32_t first_group, int32_t last_group) {
    arena(d).first_favoured = first_group;
    arena(d).last_favoured = last_group;
  }

  // A block for anything: a free one, else the least recently used that nobody reads; None if there is none. It
  // belongs to the caller until bound to a tile or given back.
  BlockId take_block(DeviceId d);
  void give_back(DeviceId d, BlockId b);

  // Binds a taken block to a tile that is about to come; Invalid before.
  void bind(DeviceId d, TileId t, BlockId b, CopyState state, DeviceId waits_for);
  // The copy has arrived, or a block holds the tile already.
  void set_valid(DeviceId d, TileId t);
  // The copy starts: from Waiting to Fetching.
  void set_fetching(DeviceId d, TileId t) { entry(d, t).state = CopyState::Fetching; }
  // Forgets the copy; its block is the caller's again.
  BlockId unbind(DeviceId d, TileId t);
  // Forgets a Valid or Waiting copy that no task wants; its block is free once transfers that still read it are over.
  void discard(DeviceId d, TileId t);
  // Binds a taken block that holds the tile.
  void adopt(DeviceId d, TileId t, BlockId b);

  // A reader (task or transfer) keeps the block from being evicted.
  void pin(DeviceId d, BlockId b);
  void unpin(DeviceId d, BlockId b);
  int32_t pins(DeviceId d, BlockId b) const { return arena(d).blocks[at(b)].pins; }

  enum class Wait : uint8_t { No, Yes };
  // The fastest way for `d` to get the tile. With Wait::Yes it never asks home for what a better peer is already fetching.
  Source choose_source(DeviceId d, TileId t, Wait wait) const;
  double rate(DeviceId from, DeviceId to) const;

  // Drops every copy of a device that is gone. Its blocks are never used again.
  void drop_device(DeviceId d);

  // Valid input tiles of a task's group on the device, and on all devices together.
  int32_t resident(DeviceId d, int32_t group) const {
    return group < 0 ? 0 : resident_[static_cast<size_t>(int64_t{index(d)} * groups_ + group)];
  }
  int32_t resident_anywhere(int32_t group) const {
    return group < 0 ? 0 : resident_anywhere_[static_cast<size_t>(group)];
  }

  int32_t block_count(DeviceId d) const { return static_cast<int32_t>(arena(d).blocks.size()); }
  // Blocks that take_block would give.
  int32_t available(DeviceId d) const {
    return static_cast<int32_t>(arena(d).free.size()) + arena(d).evictable;
  }
  int32_t evictions() const { return evictions_; }
  // Throws InternalError if lists, states and counts contradict each other. For tests.
  void check_invariants() const;
  bool gone(DeviceId d) const { return arena(d).gone; }
  // Blocks neither free nor bound nor waiting for their last reader: those that somebody took.
  int32_t taken(DeviceId d) const;

 private:
  struct Entry {
    BlockId block = BlockId::None;
    CopyState state = CopyState::Invalid;
    int8_t waits_for = -1;
  };
  struct Block {
    TileId tile = TileId::None;  // bound to
    int32_t pins = 0;
    int32_t before = -1, after = -1;  // in the LRU list, -1 at its ends
    bool evictable = false;           // in the LRU list: bound, valid, unpinned
    bool discarded = false;           // free at the last unpin
    bool favoured = false;
    bool second_chance = false;
  };
  struct Arena {
    std::vector<Block> blocks;
    std::vector<int32_t> free;
    int32_t oldest = -1, newest = -1;
    int32_t evictable = 0;
    int32_t first_favoured = 0, last_favoured = 0;
    bool gone = false;
  };

  static size_t at(BlockId b) { return static_cast<size_t>(index(b)); }
  const Arena& arena(DeviceId d) const { return arenas_[static_cast<size_t>(index(d))]; }
  Arena& arena(DeviceId d) { return arenas_[static_cast<size_t>(index(d))]; }
  const Entry& entry(DeviceId d, TileId t) const {
    return entries_[static_cast<size_t>(index(d)) * tiles_ + static_cast<size_t>(index(t))];
  }
  Entry& entry(DeviceId d, TileId t) {
    return entries_[static_cast<size_t>(index(d)) * tiles_ + static_cast<size_t>(index(t))];
  }
  void link_newest(Arena& a, int32_t b);
  void unlink(Arena& a, int32_t b);
  BlockId forget(DeviceId d, TileId t);
  void count_resident(DeviceId d, TileId t, int32_t change);

  schedule::LinkTable links_;
  size_t tiles_;
  int32_t groups_;
  std::vector<std::array<int32_t, 2>> groups_of_;  // by tile
  std::vector<Entry> entries_;                     // [device][tile]
  std::vector<Arena> arenas_;
  std::vector<int32_t> resident_;  // [device][group]
  std::vector<int32_t> resident_anywhere_;
  int32_t evictions_ = 0;
};

}  // namespace blasx::cache
