// SPDX-License-Identifier: Apache-2.0
#include "blasx/tile/pace.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <set>
#include <utility>

#include "tests/blasx/tile/small_graphs.hpp"

namespace blasx::tile {
namespace {

// A block's places come before the next one's, and what tasks read at one place of it several read.
TEST(Pace, TasksOfABlockKeepPace) {
  for_each_with_blocks([](const TaskGraph& graph, const Order& order) {
    for (const Order::Zone& zone : order.zones) {
      std::map<std::pair<int32_t, TileId>, std::set<int64_t>> places;  // of a tile in a block
      for (const TaskId id : zone.tasks) {
        const auto number = order.turns[static_cast<size_t>(index(id))].block;
        const Place place = graph.place(id);
        const int32_t steps = graph.task(id).step_count;
        const Pace pace =
            pace_of(graph.grid(), zone.blocks[static_cast<size_t>(number)], place, steps);
        for (int32_t s = 0; s < steps; ++s) {
          const int64_t at = pace.begin + int64_t{s} * pace.stride;
          EXPECT_LE(pace.place(s), at);
          EXPECT_GE(pace.place(s), zone.blocks[static_cast<size_t>(number)].begin);
          if (static_cast<size_t>(number) + 1 < zone.blocks.size()) {
            EXPECT_LT(pace.place(s), zone.blocks[static_cast<size_t>(number) + 1].begin);
          }
          for (const TileId tile : graph.inputs(place, s)) {
            if (tile != TileId::None) places[{number, tile}].insert(at);
          }
        }
      }
      // Both products of syr2k read a tile, one after the other.
      for (const auto& [tile, at] : places) EXPECT_LE(*at.rbegin() - *at.begin(), 1);
    }
  });
}

// It is known of each tile how many of the block's steps read it; the last makes room.
TEST(Pace, UsesInABlockAreCounted) {
  for_each_with_blocks([](const TaskGraph& graph, const Order& order) {
    const Form form = graph.grid().form;
    for (const Order::Zone& zone : order.zones) {
      std::map<std::pair<int32_t, TileId>, int32_t> reads, said;
      for (const TaskId id : zone.tasks) {
        const auto number = order.turns[static_cast<size_t>(index(id))].block;
        const BlockCut& cut = zone.blocks[static_cast<size_t>(number)].cut;
        const Place place = graph.place(id);
        // The old tile is copied to where its product will be.
        const int32_t of_old = uses_of_old(graph.grid(), cut, place);
        const TileId own = graph.task(id).output;
        if (of_old > 0) {
          ++reads[{number, own}];
          said[{number, own}] = of_old;
        }
        for (int32_t s = 0; s < graph.task(id).step_count; ++s) {
          const auto tiles = graph.inputs(place, s);
          const auto uses = uses_in_block(graph.grid(), cut, place, s);
          for (size_t i = 0; i < 2; ++i) {
            if (tiles[i] == TileId::None) continue;
            ++reads[{number, tiles[i]}];
            auto& uses_said = said[{number, tiles[i]}];
            EXPECT_TRUE(uses_said == 0 || uses_said == uses[i]);
            uses_said = uses[i];
          }
        }
      }
      for (const auto& [tile, count] : reads) {
        const bool kept = form == Form::Solved && said[tile] == INT32_MAX;
        EXPECT_TRUE(kept || said[tile] == count) << count << " but " << said[tile];
      }
    }
  });
}

}  // namespace
}  // namespace blasx::tile
