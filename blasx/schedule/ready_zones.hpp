// SPDX-License-Identifier: Apache-2.0
// Tasks that are ready, each in its zone of the output (tile/order.hpp), and which device is at home in which zone. Owned by
// the scheduler.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "blasx/schedule/protocol.hpp"
#include "blasx/schedule/ready_set.hpp"
#include "blasx/tile/order.hpp"

namespace blasx::schedule {

// Devices that fetch from each other share a zone. None: no zone of its own, for a device that fetches nothing beside some
// that do, or that is not used.
struct ZonePlan {
  static constexpr int32_t kNone = -1;
  std::vector<int32_t> of_device;
  std::vector<tile::Zone> zones;  // one at least
};
ZonePlan plan_zones(std::span<const DeviceSpec> specs, const std::vector<bool>& used,
                    const LinkTable& links, int32_t blocks_of_output = 1);
// Some device gets tiles from another sooner than from home.
bool any_peers(const LinkTable& links);
// The tasks that a device has under way whose tiles come from home at `home_rate` bytes a second, and how long they take to come
// where it has no peer that is nearer than home.
void set_under_way(DeviceSpec& spec, const tile::TaskGraph& graph, const LinkTable& links,
                   size_t device, double home_rate);

class ReadyZones {
 public:
  ReadyZones(const tile::TaskGraph& graph, std::span<const tile::Zone> zones);

  void add(TaskId id) {
    const tile::Turn t = turn(id);
    zones_[static_cast<size_t>(t.zone)].add(t.number);
    ++count_;
  }
  void remove(TaskId id) {
    const tile::Turn t = turn(id);
    zones_[static_cast<size_t>(t.zone)].remove(t.number);
    --count_;
  }
  bool contains(TaskId id) const {
    const tile::Turn t = turn(id);
    return zones_[static_cast<size_t>(t.zone)].contains(t.number);
  }
  int32_t count() const { return count_; }
  int32_t zone(TaskId id) const { return turn(id).zone; }
  // The task's block; an empty one where its zone has none.
  tile::BlockInTurn block_of(TaskId id) const {
    const auto& blocks = order_.zones[static_cast<size_t>(turn(id).zone)].blocks;
    return blocks.empty() ? tile::BlockInTurn{} : blocks[static_cast<size_t>(turn(id).block)];
  }
  tile::Block block(int32_t zone) const { return order_.zones[static_cast<size_t>(zone)].block; }
  int32_t zone_count() const { return static_cast<int32_t>(zones_.size()); }
  int32_t count(int32_t zone) const { return zones_[static_cast<size_t>(zone)].count(); }

  // Tasks of the zone, ready or not.
  int32_t size(int32_t zone) const {
    return static_cast<int32_t>(order_.zones[static_cast<size_t>(zone)].tasks.size());
  }

  // Memory is too short for all that the zone reads; `staying`: which of a task's groups its bands keep.
  bool tight(int32_t zone) const { return order_.zones[static_cast<size_t>(zone)].tight; }
  int32_t staying() const { return order_.staying; }

  // What a tile on a peer counts for a task, by its groups. Of what a band keeps it counts against the task where memory is
  // short: devices that took each other's rows would have to keep all of them.
  std::array<int64_t, 2> peer_weights(int32_t zone) const {
    std::array<int64_t, 2> both{1, 1};
    if (tight(zone)) {
      both[static_cast<size_t>(order_.staying)] = -1;
    }
    return both;
  }

  // Tasks of whole tiles, or those of the finer ones at the end of C.
  enum class Part : uint8_t { Whole, Fine };
  bool has_fine() const { return has_fine_; }

  // Calls visit(id) in the zone's order up to the task numbered `last`, or against it, until it returns false.
  template <typename F>
  void walk(int32_t zone, Part part, int32_t last, F&& visit) {
    const auto& of = order_.zones[static_cast<size_t>(zone)];
    const auto [begin, end] = range(of, part);
    zones_[static_cast<size_t>(zone)].walk(begin, end, [&](int32_t number) {
      return number <= last && visit(of.tasks[static_cast<size_t>(number)]);
    });
  }
  template <typename F>
  void walk_back(int32_t zone, Part part, F&& visit) const {
    const auto& of = order_.zones[static_cast<size_t>(zone)];
    const auto [begin, end] = range(of, part);
    zones_[static_cast<size_t>(zone)].walk_back(
        begin, end, [&](int32_t number) { return visit(of.tasks[static_cast<size_t>(number)]); });
  }

 private:
  static std::array<int32_t, 2> range(const tile::Order::Zone& zone, Part part) {
    if (part == Part::Whole) return {0, zone.whole};
    return {zone.whole, static_cast<int32_t>(zone.tasks.size())};
  }
  tile::Turn turn(TaskId id) const { return order_.turns[static_cast<size_t>(tile::index(id))]; }

  tile::Order order_;
  std::vector<ReadySet> zones_;
  int32_t count_ = 0;
  bool has_fine_ = false;
};

}  // namespace blasx::schedule
