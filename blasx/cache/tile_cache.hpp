// SPDX-License-Identifier: Apache-2.0
// The two-level tile cache of one call: arenas cut into blocks with approximate LRU, and the directory of who holds or is
// fetching which tile. Pure bookkeeping, owned by the scheduler; no bytes move here.
// Source: Wang et al., BLASX (ICS 2016), section 4.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "blasx/cache/arena.hpp"
#include "blasx/schedule/protocol.hpp"
#include "blasx/tile/graph.hpp"
#include "common/check.hpp"

namespace blasx::cache {

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
  // blocks[d]: size of device d's arena, 0 for a device on home memory. outputs[d]: of them those that only outputs may have,
  // the first ones.
  TileCache(const tile::TaskGraph& graph, const std::vector<int32_t>& blocks,
            const schedule::LinkTable& links, const std::vector<int32_t>& outputs = {});

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
  // The same for an output.
  BlockId take_output(DeviceId d);
  // Blocks that only outputs may have and none has.
  int32_t free_outputs(DeviceId d) const {
    return static_cast<int32_t>(arena(d).free_outputs.size());
  }
  void give_back(DeviceId d, BlockId b);

  // Binds a taken block to a tile that is about to come; Invalid before.
  void bind(DeviceId d, TileId t, BlockId b, CopyState state, DeviceId waits_for);
  // The copy has arrived, or a block holds the tile already.
  void set_valid(DeviceId d, TileId t);
  // The copy starts: from Waiting to Fetching.
  void set_fetching(DeviceId d, TileId t) {
    entry(d, t).state = CopyState::Fetching;
    --waiting_;
  }
  // Forgets the copy; its block is the caller's again.
  BlockId unbind(DeviceId d, TileId t);
  // Forgets a Valid or Waiting copy that no task wants; its block is free once transfers that still read it are over.
  void discard(DeviceId d, TileId t);
  // Binds a taken block that holds the tile.
  void adopt(DeviceId d, TileId t, BlockId b);

  // Waiting copies on all devices.
  int32_t waiting() const { return waiting_; }

  // A reader (task or transfer) keeps the block from being evicted.
  void pin(DeviceId d, BlockId b) {
    Arena& a = arena(d);
    Block& block = a.blocks[at(b)];
    if (block.evictable) a.unlink(index(b));
    ++block.pins;
  }
  void unpin(DeviceId d, BlockId b) {
    Arena& a = arena(d);
    if (a.gone) return;
    Block& block = a.blocks[at(b)];
    BLASX_CHECK_GT(block.pins, 0);
    if (--block.pins == 0) last_unpinned(d, a, b);
  }
  // The same after a use by a kernel; after the last of `uses` the tile is the first to be evicted.
  void unpin_used(DeviceId d, BlockId b, int32_t uses) {
    Block& block = arena(d).blocks[at(b)];
    block.spent = ++block.uses >= uses;
    unpin(d, b);
  }
  int32_t pins(DeviceId d, BlockId b) const { return arena(d).blocks[at(b)].pins; }

  enum class Wait : uint8_t { No, Yes };
  // The fastest way for `d` to get the tile. With Wait::Yes it never asks home for what a better peer is already fetching.
  Source choose_source(DeviceId d, TileId t, Wait wait) const;
  // Peers with an arena from which a device gets tiles faster than from home.
  const std::vector<Peer>& near(DeviceId d) const { return arena(d).near; }

  // Drops every copy of a device that is gone. Its blocks are never used again.
  void drop_device(DeviceId d);

  // By group of tasks: its valid input tiles on the device. Of group -1, which is none, 0.
  const int32_t* residents(DeviceId d) const { return &resident_[first_group(d)]; }

  // Blocks that take_block would give.
  int32_t available(DeviceId d) const {
    return static_cast<int32_t>(arena(d).free.size()) + arena(d).evictable;
  }
  // Of those the ones that hold nothing of use.
  int32_t unused(DeviceId d) const {
    return static_cast<int32_t>(arena(d).free.size()) + arena(d).spent;
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
  static size_t at(BlockId b) { return static_cast<size_t>(index(b)); }
  const Arena& arena(DeviceId d) const { return arenas_[static_cast<size_t>(index(d))]; }
  Arena& arena(DeviceId d) { return arenas_[static_cast<size_t>(index(d))]; }
  const Entry& entry(DeviceId d, TileId t) const {
    return entries_[static_cast<size_t>(index(d)) * tiles_ + static_cast<size_t>(index(t))];
  }
  Entry& entry(DeviceId d, TileId t) {
    return entries_[static_cast<size_t>(index(d)) * tiles_ + static_cast<size_t>(index(t))];
  }
  size_t first_group(DeviceId d) const {
    return static_cast<size_t>(index(d)) * static_cast<size_t>(groups_) + 1;
  }
  void last_unpinned(DeviceId d, Arena& a, BlockId b);
  BlockId bound(DeviceId d, TileId t) const;
  void forget(DeviceId d, Arena& a, int32_t b);
  void count_resident(DeviceId d, TileId t, int32_t change);

  size_t tiles_;
  int32_t groups_;                                 // and the one that is none
  std::vector<std::array<int32_t, 2>> groups_of_;  // by tile
  std::vector<Entry> entries_;                     // [device][tile]
  std::vector<Arena> arenas_;
  std::vector<int32_t> resident_;  // [device][group]
  int32_t evictions_ = 0;
  int32_t waiting_ = 0;
};

}  // namespace blasx::cache
