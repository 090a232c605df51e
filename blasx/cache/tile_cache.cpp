// SPDX-License-Identifier: Apache-2.0
#include "blasx/cache/tile_cache.hpp"

#include <utility>

#include "common/check.hpp"

namespace blasx::cache {
namespace {

constexpr int32_t kMostChances = 32;  // that are given for one block: looking has to end

}  // namespace

TileCache::TileCache(const tile::TaskGraph& graph, const std::vector<int32_t>& blocks,
                     const schedule::LinkTable& links, const std::vector<int32_t>& outputs)
    : tiles_(static_cast<size_t>(graph.tile_count())),
      groups_(graph.group_count() + 1),
      entries_(tiles_ * blocks.size()),
      arenas_(blocks.size()),
      resident_(static_cast<size_t>(groups_) * blocks.size() + 1, 0) {
  groups_of_.reserve(tiles_);
  for (size_t t = 0; t < tiles_; ++t)
    groups_of_.push_back(graph.tile_groups(TileId{static_cast<int32_t>(t)}));
  for (size_t d = 0; d < blocks.size(); ++d) {
    Arena& a = arenas_[d];
    a.blocks.resize(static_cast<size_t>(blocks[d]));
    a.free.reserve(a.blocks.size());
    a.outputs = outputs.empty() ? 0 : outputs[d];
    for (int32_t b = blocks[d] - 1; b >= 0; --b)
      (b < a.outputs ? a.free_outputs : a.free).push_back(b);
    const auto side = static_cast<size_t>(links.devices) + 1;
    for (size_t p = 0; p < blocks.size(); ++p) {
      const double rate = links.rate[(p + 1) * side + d + 1];
      if (p == d || blocks[p] == 0 || rate <= links.rate[d + 1]) continue;
      a.near.push_back({DeviceId{static_cast<int32_t>(p)}, rate});
    }
  }
}

void TileCache::count_resident(DeviceId d, TileId t, int32_t change) {
  int32_t* const here = &resident_[first_group(d)];
  for (const int32_t group : groups_of_[static_cast<size_t>(index(t))]) {
    if (group >= 0) here[group] += change;
  }
}

BlockId TileCache::take_block(DeviceId d) {
  Arena& a = arena(d);
  if (a.gone) return BlockId::None;
  if (!a.free.empty()) {
    const int32_t b = a.free.back();
    a.free.pop_back();
    return BlockId{b};
  }
  if (a.oldest < 0) return BlockId::None;
  int32_t b = a.oldest;
  for (int32_t chances = 0; a.blocks[static_cast<size_t>(b)].second_chance; b = a.oldest) {
    a.blocks[static_cast<size_t>(b)].second_chance = false;
    if (++chances > kMostChances) break;
    a.unlink(b);
    a.link_newest(b);
  }
  ++evictions_;
  forget(d, a, b);
  return BlockId{b};
}

BlockId TileCache::take_output(DeviceId d) {
  Arena& a = arena(d);
  if (a.outputs == 0) return take_block(d);
  if (a.gone || a.free_outputs.empty()) return BlockId::None;
  const int32_t b = a.free_outputs.back();
  a.free_outputs.pop_back();
  return BlockId{b};
}

void TileCache::give_back(DeviceId d, BlockId b) {
  Arena& a = arena(d);
  if (a.gone) return;
  Block& block = a.blocks[at(b)];
  BLASX_CHECK(block.tile == TileId::None);
  BLASX_CHECK_EQ(block.pins, 0);
  (index(b) < a.outputs ? a.free_outputs : a.free).push_back(index(b));
}

void TileCache::bind(DeviceId d, TileId t, BlockId b, CopyState state, DeviceId waits_for) {
  Entry& e = entry(d, t);
  BLASX_CHECK_EQ(e.state, CopyState::Invalid);
  e.block = b;
  e.state = state;
  e.waits_for = static_cast<int8_t>(index(waits_for));
  waiting_ += state == CopyState::Waiting ? 1 : 0;
  Arena& a = arena(d);
  Block& block = a.blocks[at(b)];
  block.tile = t;
  block.favoured = block.spent = false;
  block.uses = 0;
  if (a.last_favoured == 0) return;
  const auto& groups = groups_of_[static_cast<size_t>(index(t))];
  block.favoured = groups[0] >= a.first_favoured && groups[0] < a.last_favoured && groups[1] < 0;
}

void TileCache::set_valid(DeviceId d, TileId t) {
  Entry& e = entry(d, t);
  BLASX_CHECK_EQ(e.state, CopyState::Fetching);
  e.state = CopyState::Valid;
  count_resident(d, t, 1);
  Arena& a = arena(d);
  if (a.blocks[at(e.block)].pins == 0) a.link_newest(index(e.block));
}

void TileCache::adopt(DeviceId d, TileId t, BlockId b) {
  bind(d, t, b, CopyState::Fetching, DeviceId::Home);
  set_valid(d, t);
}

BlockId TileCache::bound(DeviceId d, TileId t) const {
  const Entry& e = entry(d, t);
  BLASX_CHECK(e.state != CopyState::Invalid);
  return e.block;
}

BlockId TileCache::unbind(DeviceId d, TileId t) {
  Arena& a = arena(d);
  const BlockId b = bound(d, t);
  BLASX_CHECK_EQ(a.blocks[at(b)].pins, 0);
  forget(d, a, index(b));
  return b;
}

// The tile that the block is bound to.
void TileCache::forget(DeviceId d, Arena& a, int32_t b) {
  Block& block = a.blocks[static_cast<size_t>(b)];
  const TileId t = std::exchange(block.tile, TileId::None);
  Entry& e = entry(d, t);
  if (block.evictable) a.unlink(b);
  if (e.state == CopyState::Valid) count_resident(d, t, -1);
  if (e.state == CopyState::Waiting) --waiting_;
  e = Entry{};
}

void TileCache::discard(DeviceId d, TileId t) {
  Arena& a = arena(d);
  const BlockId b = bound(d, t);
  forget(d, a, index(b));
  Block& block = a.blocks[at(b)];
  if (block.pins == 0) {
    give_back(d, b);
  } else {
    block.discarded = true;
  }
}

void TileCache::last_unpinned(DeviceId d, Arena& a, BlockId b) {
  Block& block = a.blocks[at(b)];
  if (block.discarded) {
    block.discarded = false;
    a.free.push_back(index(b));
    return;
  }
  if (block.tile == TileId::None) return;
  if (entry(d, block.tile).state != CopyState::Valid) return;
  if (block.spent) {
    block.uses = 0;
    a.link_oldest(index(b));
    return;
  }
  block.second_chance = block.favoured;
  a.link_newest(index(b));
}

Source TileCache::choose_source(DeviceId d, TileId t, Wait wait_allowed) const {
  Source best;
  double best_rate = 0;
  for (const Peer& peer : near(d)) {
    if (arena(peer.device).gone) continue;
    const CopyState s = state(peer.device, t);
    const bool wait = s == CopyState::Fetching;
    if (s != CopyState::Valid && !(wait && wait_allowed == Wait::Yes)) continue;
    // A copy that is there beats one still coming on an equally fast way.
    if (peer.rate > best_rate || (peer.rate == best_rate && best.wait && !wait)) {
      best = {peer.device, wait};
      best_rate = peer.rate;
    }
  }
  return best;
}

void TileCache::drop_device(DeviceId d) {
  Arena& a = arena(d);
  a.gone = true;
  for (size_t t = 0; t < tiles_; ++t) {
    Entry& e = entry(d, TileId{static_cast<int32_t>(t)});
    if (e.state == CopyState::Valid) count_resident(d, TileId{static_cast<int32_t>(t)}, -1);
    if (e.state == CopyState::Waiting) --waiting_;
    e = Entry{};
  }
  a.oldest = a.newest = -1;
  a.evictable = a.spent = 0;
  a.free.clear();
  a.free_outputs.clear();
}

int32_t TileCache::taken(DeviceId d) const {
  const Arena& a = arena(d);
  auto count = static_cast<int32_t>(a.blocks.size() - a.free.size() - a.free_outputs.size());
  for (const Block& b : a.blocks) count -= b.tile != TileId::None || b.discarded ? 1 : 0;
  return count;
}

void TileCache::check_invariants() const {
  int32_t waiting = 0;
  for (const Entry& e : entries_) waiting += e.state == CopyState::Waiting ? 1 : 0;
  BLASX_CHECK_EQ(waiting, waiting_);
  for (size_t d = 0; d < arenas_.size(); ++d) {
    const Arena& a = arenas_[d];
    if (a.gone) continue;
    const DeviceId device{static_cast<int32_t>(d)};
    size_t listed = 0;
    for (int32_t b = a.oldest, before = -1; b >= 0;
         before = b, b = a.blocks[static_cast<size_t>(b)].after) {
      const Block& block = a.blocks[static_cast<size_t>(b)];
      BLASX_CHECK_EQ(block.before, before);
      BLASX_CHECK(block.evictable);
      ++listed;
      BLASX_CHECK_LE(listed, a.blocks.size());
    }
    size_t evictable = 0, spent = 0;
    for (size_t b = 0; b < a.blocks.size(); ++b) {
      const Block& block = a.blocks[b];
      BLASX_CHECK_GE(block.pins, 0);
      evictable += block.evictable ? 1 : 0;
      spent += block.evictable && block.spent ? 1 : 0;
      if (block.tile == TileId::None) {
        BLASX_CHECK(!block.evictable);
        continue;
      }
      const Entry& e = entry(device, block.tile);
      BLASX_CHECK_EQ(index(e.block), static_cast<int32_t>(b));
      BLASX_CHECK_EQ(block.evictable, e.state == CopyState::Valid && block.pins == 0);
    }
    BLASX_CHECK_EQ(evictable, listed);
    BLASX_CHECK_EQ(listed, static_cast<size_t>(a.evictable));
    BLASX_CHECK_EQ(spent, static_cast<size_t>(a.spent));
    size_t bound = 0;
    for (size_t t = 0; t < tiles_; ++t) {
      const Entry& e = entry(device, TileId{static_cast<int32_t>(t)});
      BLASX_CHECK_EQ(e.state == CopyState::Invalid, e.block == BlockId::None);
      if (e.state != CopyState::Invalid) {
        BLASX_CHECK_EQ(a.blocks[at(e.block)].tile, TileId{static_cast<int32_t>(t)});
        ++bound;
      }
    }
    BLASX_CHECK_LE(bound + a.free.size() + a.free_outputs.size(), a.blocks.size());
  }
}

}  // namespace blasx::cache
