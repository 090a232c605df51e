// SPDX-License-Identifier: Apache-2.0
// The cache's contract, function by function, and random use of all of them against a plain model.
#include "blasx/cache/tile_cache.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <vector>

#include "common/check.hpp"

namespace blasx::cache {
namespace {

using Wait = TileCache::Wait;

constexpr DeviceId kFirst{0}, kSecond{1}, kThird{2};

// A gemm of 3 x 3 x 3 tiles on three devices; every way from home 10, between the first two 20, to the third 5.
struct Fixture : testing::Test {
  static BlasCall call() {
    BlasCall call;
    call.m = call.n = call.k = 12;
    call.lda = call.ldb = call.ldc = 12;
    call.a = memory;
    call.b = memory + 144;
    call.c = memory + 288;
    return call;
  }
  static inline double memory[432];
  tile::TaskGraph graph{call(), {4, 4, 4}};
  std::vector<double> rates = {0,  10, 10, 10,  // from home
                               10, 0,  20, 5,   // from the first
                               10, 20, 0,  5,   // from the second
                               10, 5,  5,  0};
  TileCache cache{graph, {3, 3, 3}, {3, rates.data()}};

  BlockId adopt(DeviceId d, int32_t t) {
    const BlockId b = cache.take_block(d);
    EXPECT_NE(b, BlockId::None);
    cache.adopt(d, TileId{t}, b);
    return b;
  }
  void fetch(DeviceId d, int32_t t) {
    cache.bind(d, TileId{t}, cache.take_block(d), CopyState::Fetching, DeviceId::Home);
  }
};

using Blocks = Fixture;
using States = Fixture;
using Eviction = Fixture;
using Sources = Fixture;
using Groups = Fixture;
using Lost = Fixture;

TEST_F(Blocks, EachIsHandedOutOnce) {
  std::set<BlockId> seen;
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(seen.insert(cache.take_block(kFirst)).second);
  EXPECT_EQ(seen.count(BlockId::None), 0u);
  EXPECT_EQ(cache.take_block(kFirst), BlockId::None);
  EXPECT_EQ(cache.taken(kFirst), 3);
  EXPECT_EQ(cache.taken(kSecond), 0);
  EXPECT_EQ(cache.available(kFirst), 0);
  EXPECT_EQ(cache.available(kSecond), 3);
}

// All blocks hold any tile: whatever was given back, in any order, serves again.
TEST_F(Blocks, ThatComeBackServeAgain) {
  const BlockId a = cache.take_block(kFirst), b = cache.take_block(kFirst);
  const BlockId c = cache.take_block(kFirst);
  cache.give_back(kFirst, b);
  EXPECT_EQ(cache.take_block(kFirst), b);
  cache.give_back(kFirst, c);
  cache.give_back(kFirst, a);
  EXPECT_EQ((std::set<BlockId>{cache.take_block(kFirst), cache.take_block(kFirst)}),
            (std::set<BlockId>{a, c}));
}

TEST_F(Blocks, OfATileOrAReaderAreNotGivenBack) {
  EXPECT_THROW(cache.give_back(kFirst, adopt(kFirst, 0)), InternalError);
  const BlockId read = cache.take_block(kFirst);
  cache.pin(kFirst, read);
  EXPECT_THROW(cache.give_back(kFirst, read), InternalError);
}

TEST_F(Blocks, OfATileThatIsNotThereCannotBeTaken) {
  EXPECT_THROW(cache.unbind(kFirst, TileId{0}), InternalError);
  EXPECT_THROW(cache.discard(kFirst, TileId{0}), InternalError);
  cache.check_invariants();
}

TEST_F(Blocks, ADeviceOnHomeMemoryHasNone) {
  const std::vector<double> none = {0, 0, 0, 0};
  TileCache at_home(graph, {0}, {1, none.data()});
  EXPECT_EQ(at_home.available(kFirst), 0);
  EXPECT_EQ(at_home.take_block(kFirst), BlockId::None);
}

TEST_F(States, GoFromNothingOverFetchingToValid) {
  const TileId t{4};
  EXPECT_EQ(cache.state(kFirst, t), CopyState::Invalid);
  EXPECT_EQ(cache.block(kFirst, t), BlockId::None);
  const BlockId b = cache.take_block(kFirst);
  cache.bind(kFirst, t, b, CopyState::Waiting, kSecond);
  EXPECT_EQ(cache.state(kFirst, t), CopyState::Waiting);
  EXPECT_EQ(cache.waits_for(kFirst, t), kSecond);
  EXPECT_EQ(cache.block(kFirst, t), b);
  EXPECT_EQ(cache.taken(kFirst), 0);
  cache.set_fetching(kFirst, t);
  EXPECT_EQ(cache.state(kFirst, t), CopyState::Fetching);
  cache.set_valid(kFirst, t);
  EXPECT_EQ(cache.state(kFirst, t), CopyState::Valid);
  EXPECT_EQ(cache.unbind(kFirst, t), b);
  EXPECT_EQ(cache.state(kFirst, t), CopyState::Invalid);
  EXPECT_EQ(cache.taken(kFirst), 1);
  cache.check_invariants();
}

TEST_F(States, AreOfOneDeviceAlone) {
  adopt(kFirst, 4);
  EXPECT_EQ(cache.state(kSecond, TileId{4}), CopyState::Invalid);
  EXPECT_EQ(cache.state(kFirst, TileId{5}), CopyState::Invalid);
}

TEST_F(States, RefuseWhatContradictsThem) {
  adopt(kFirst, 4);
  const BlockId b = cache.take_block(kFirst);
  EXPECT_THROW(cache.bind(kFirst, TileId{4}, b, CopyState::Fetching, DeviceId::Home),
               InternalError);
  EXPECT_THROW(cache.set_valid(kFirst, TileId{4}), InternalError);
  EXPECT_THROW(cache.set_valid(kFirst, TileId{5}), InternalError);
  cache.pin(kFirst, cache.block(kFirst, TileId{4}));
  EXPECT_THROW(cache.unbind(kFirst, TileId{4}), InternalError);
}

TEST_F(Eviction, TakesTheLeastRecentlyUsed) {
  const BlockId first = adopt(kFirst, 0), second = adopt(kFirst, 1);
  adopt(kFirst, 2);
  cache.pin(kFirst, first);  // used again
  cache.unpin(kFirst, first);
  EXPECT_EQ(cache.take_block(kFirst), second);
  EXPECT_EQ(cache.evictions(), 1);
  EXPECT_EQ(cache.state(kFirst, TileId{1}), CopyState::Invalid);
  EXPECT_EQ(cache.state(kFirst, TileId{0}), CopyState::Valid);
  cache.check_invariants();
}

TEST_F(Eviction, PrefersFreeBlocks) {
  adopt(kFirst, 0);
  adopt(kFirst, 1);
  EXPECT_NE(cache.take_block(kFirst), BlockId::None);
  EXPECT_EQ(cache.evictions(), 0);
  EXPECT_EQ(cache.state(kFirst, TileId{0}), CopyState::Valid);
}

// What all its kernels have used goes before what is older, and is told from what may still be wanted.
TEST_F(Eviction, TakesFirstWhatHasHadAllItsUses) {
  adopt(kFirst, 0);
  const BlockId used = adopt(kFirst, 1);
  EXPECT_EQ(cache.unused(kFirst), cache.available(kFirst) - 2);
  const int32_t free = cache.unused(kFirst);
  for (int use = 0; use < 2; ++use) {
    EXPECT_EQ(cache.unused(kFirst), free);
    cache.pin(kFirst, used);
    cache.unpin_used(kFirst, used, 2);
  }
  EXPECT_EQ(cache.unused(kFirst), free + 1);
  cache.check_invariants();
  cache.pin(kFirst, used);  // read again after all
  EXPECT_EQ(cache.unused(kFirst), free);
  cache.unpin(kFirst, used);
  EXPECT_EQ(cache.unused(kFirst), free);
  for (int use = 0; use < 2; ++use) {
    cache.pin(kFirst, used);
    cache.unpin_used(kFirst, used, 2);
  }
  for (int32_t i = 0; i < free; ++i) cache.take_block(kFirst);
  EXPECT_EQ(cache.take_block(kFirst), used);
  EXPECT_EQ(cache.state(kFirst, TileId{0}), CopyState::Valid);
  EXPECT_EQ(cache.unused(kFirst), 0);
  cache.check_invariants();
}

TEST_F(Eviction, WalksPastReadersAndCopiesUnderWay) {
  const BlockId read = adopt(kFirst, 0);
  cache.pin(kFirst, read);
  cache.pin(kFirst, read);
  fetch(kFirst, 1);
  cache.bind(kFirst, TileId{2}, cache.take_block(kFirst), CopyState::Waiting, kSecond);
  EXPECT_EQ(cache.take_block(kFirst), BlockId::None);
  cache.unpin(kFirst, read);
  EXPECT_EQ(cache.take_block(kFirst), BlockId::None) << "one reader is left";
  cache.unpin(kFirst, read);
  EXPECT_EQ(cache.take_block(kFirst), read);
}

// A copy that arrives while its reader waits for it is not up for eviction before the reader is done.
TEST_F(Eviction, SparesACopyPinnedBeforeItCame) {
  adopt(kFirst, 0);
  adopt(kFirst, 1);
  fetch(kFirst, 2);
  const BlockId coming = cache.block(kFirst, TileId{2});
  cache.pin(kFirst, coming);
  cache.set_valid(kFirst, TileId{2});
  EXPECT_NE(cache.take_block(kFirst), coming);
  EXPECT_NE(cache.take_block(kFirst), coming);
  EXPECT_EQ(cache.take_block(kFirst), BlockId::None);
  EXPECT_EQ(cache.pins(kFirst, coming), 1);
  cache.check_invariants();
}

TEST_F(Eviction, OfOneDeviceLeavesThePeersCopies) {
  for (int32_t t = 0; t < 3; ++t) adopt(kFirst, t);
  adopt(kSecond, 0);
  cache.take_block(kFirst);
  EXPECT_EQ(cache.state(kFirst, TileId{0}), CopyState::Invalid);
  EXPECT_EQ(cache.state(kSecond, TileId{0}), CopyState::Valid);
}

TEST_F(Eviction, ADiscardedBlockIsFreeAfterItsLastReader) {
  const BlockId b = adopt(kFirst, 0);
  cache.pin(kFirst, b);
  cache.take_block(kFirst);
  cache.take_block(kFirst);
  cache.discard(kFirst, TileId{0});
  EXPECT_EQ(cache.state(kFirst, TileId{0}), CopyState::Invalid);
  EXPECT_EQ(cache.take_block(kFirst), BlockId::None);
  EXPECT_EQ(cache.taken(kFirst), 2);
  cache.unpin(kFirst, b);
  EXPECT_EQ(cache.take_block(kFirst), b);
}

TEST_F(Eviction, ADiscardedCopyThatNobodyReadsIsFreeAtOnce) {
  const BlockId b = adopt(kFirst, 0);
  cache.discard(kFirst, TileId{0});
  EXPECT_EQ(cache.taken(kFirst), 0);
  EXPECT_EQ(cache.take_block(kFirst), b);
}

// Rows of A are groups 0 .. 2 (tiles 0, 1, 2 in the first column of A are one each), columns of B are groups 3 .. 5 (tiles 9 ..).
TEST_F(Eviction, PassesOverOnceWhatABandKeeps) {
  cache.favour(kFirst, 0, 3);
  const BlockId row = adopt(kFirst, 0);
  for (const int32_t t : {9, 10}) adopt(kFirst, t);
  cache.pin(kFirst, row);
  cache.unpin(kFirst, row);
  for (const int32_t t : {9, 10}) {  // used after the row
    cache.pin(kFirst, cache.block(kFirst, TileId{t}));
    cache.unpin(kFirst, cache.block(kFirst, TileId{t}));
  }
  adopt(kFirst, 11);  // the oldest is the row's tile
  EXPECT_EQ(cache.state(kFirst, TileId{0}), CopyState::Valid);
  EXPECT_EQ(cache.state(kFirst, TileId{9}), CopyState::Invalid);
  // Not used again it has no other chance, or what is done with would stay for ever.
  for (const int32_t t : {12, 13, 14}) adopt(kFirst, t);
  EXPECT_EQ(cache.state(kFirst, TileId{0}), CopyState::Invalid);
  cache.check_invariants();
}

TEST_F(Sources, AreHomeWhereNoPeerIsBetter) {
  EXPECT_EQ(cache.choose_source(kFirst, TileId{0}, Wait::Yes).device, DeviceId::Home);
  adopt(kThird, 0);
  EXPECT_EQ(cache.choose_source(kFirst, TileId{0}, Wait::Yes).device, DeviceId::Home) << "slower";
  ASSERT_EQ(cache.near(kFirst).size(), 1U);
  EXPECT_EQ(cache.near(kFirst)[0].device, kSecond);
  EXPECT_DOUBLE_EQ(cache.near(kFirst)[0].rate, 20);
  EXPECT_TRUE(cache.near(kThird).empty());
}

TEST_F(Sources, AreThePeerWithTheFasterWay) {
  adopt(kSecond, 0);
  const Source source = cache.choose_source(kFirst, TileId{0}, Wait::No);
  EXPECT_EQ(source.device, kSecond);
  EXPECT_FALSE(source.wait);
  EXPECT_EQ(cache.choose_source(kSecond, TileId{0}, Wait::No).device, DeviceId::Home)
      << "not oneself";
}

TEST_F(Sources, WaitForAPeerThatIsFetchingOnlyWhereAllowed) {
  fetch(kSecond, 0);
  EXPECT_EQ(cache.choose_source(kFirst, TileId{0}, Wait::No).device, DeviceId::Home);
  const Source source = cache.choose_source(kFirst, TileId{0}, Wait::Yes);
  EXPECT_EQ(source.device, kSecond);
  EXPECT_TRUE(source.wait);
}

TEST_F(Sources, PreferWhatIsThereOnAnEquallyFastWay) {
  std::vector<double> equal(16, 20);
  for (size_t d = 1; d < 4; ++d) equal[d] = 10;
  TileCache even(graph, {3, 3, 3}, {3, equal.data()});
  even.bind(kSecond, TileId{0}, even.take_block(kSecond), CopyState::Fetching, DeviceId::Home);
  even.adopt(kThird, TileId{0}, even.take_block(kThird));
  const Source source = even.choose_source(kFirst, TileId{0}, Wait::Yes);
  EXPECT_EQ(source.device, kThird);
  EXPECT_FALSE(source.wait);
  EXPECT_EQ(even.choose_source(kThird, TileId{0}, Wait::Yes).device, kSecond) << "not oneself";
}

TEST_F(Groups, CountValidInputsOnlyWhileTheyAreThere) {
  const int32_t group = graph.tile_groups(TileId{0})[0];
  fetch(kFirst, 0);
  EXPECT_EQ(cache.residents(kFirst)[group], 0);
  cache.set_valid(kFirst, TileId{0});
  adopt(kSecond, 0);
  EXPECT_EQ(cache.residents(kFirst)[group], 1);
  EXPECT_EQ(cache.residents(kThird)[group], 0);
  EXPECT_EQ(cache.residents(kSecond)[group], 1);
  cache.discard(kFirst, TileId{0});
  EXPECT_EQ(cache.residents(kFirst)[group], 0);
  EXPECT_EQ(cache.residents(kSecond)[group], 1);
  EXPECT_EQ(cache.residents(kFirst)[-1], 0);
}

TEST_F(Lost, ADevicesCopiesAndBlocksAreGone) {
  const int32_t group = graph.tile_groups(TileId{0})[0];
  const BlockId b = adopt(kSecond, 0);
  cache.pin(kSecond, b);
  cache.drop_device(kSecond);
  EXPECT_TRUE(cache.gone(kSecond));
  EXPECT_FALSE(cache.gone(kFirst));
  EXPECT_EQ(cache.residents(kSecond)[group], 0);
  EXPECT_EQ(cache.state(kSecond, TileId{0}), CopyState::Invalid);
  EXPECT_EQ(cache.choose_source(kFirst, TileId{0}, Wait::Yes).device, DeviceId::Home);
  EXPECT_EQ(cache.take_block(kSecond), BlockId::None);
  cache.unpin(kSecond, b);  // late answers change nothing
  cache.give_back(kSecond, b);
  EXPECT_EQ(cache.take_block(kSecond), BlockId::None);
  cache.check_invariants();
}

// Many random steps: blocks are handed out to one user at a time, never while read, and never lost.
TEST_F(Eviction, HoldsUnderRandomUse) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    std::mt19937_64 random(seed);
    TileCache c(graph, {4}, {1, rates.data()});
    std::vector<BlockId> taken;
    std::map<BlockId, int> readers;
    for (int i = 0; i < 300; ++i) {
      const TileId t{static_cast<int32_t>(random() % static_cast<uint64_t>(graph.tile_count()))};
      const CopyState state = c.state(kFirst, t);
      switch (random() % 6) {
        case 0:
          if (const BlockId b = c.take_block(kFirst); b != BlockId::None) {
            ASSERT_EQ(readers[b], 0) << "evicted under a reader, seed " << seed;
            ASSERT_EQ(std::count(taken.begin(), taken.end(), b), 0) << "handed out twice";
            taken.push_back(b);
          } else {
            ASSERT_LT(taken.size(), 5u);
          }
          break;
        case 1:
          if (taken.empty() || state != CopyState::Invalid) break;
          c.bind(kFirst, t, taken.back(), CopyState::Fetching, DeviceId::Home);
          taken.pop_back();
          break;
        case 2:
          if (state == CopyState::Fetching) c.set_valid(kFirst, t);
          break;
        case 3:
          if (state == CopyState::Invalid) break;
          c.pin(kFirst, c.block(kFirst, t));
          ++readers[c.block(kFirst, t)];
          break;
        case 4:
          for (auto& [b, count] : readers) {
            if (count == 0) continue;
            if (random() % 2 == 0)
              c.unpin(kFirst, b);
            else
              c.unpin_used(kFirst, b, 2);
            --count;
            break;
          }
          break;
        default:
          if (state == CopyState::Valid) c.discard(kFirst, t);
      }
      ASSERT_NO_THROW(c.check_invariants());
      ASSERT_EQ(c.taken(kFirst), static_cast<int32_t>(taken.size()));
    }
  }
}

// Blocks for outputs are nobody else's, and outputs get no others.
TEST_F(Fixture, OutputsHaveBlocksOfTheirOwn) {
  TileCache kinds{graph, {5, 3, 3}, {3, rates.data()}, {2, 0, 0}};
  EXPECT_EQ(kinds.free_outputs(kFirst), 2);
  EXPECT_EQ(kinds.available(kFirst), 3);
  const BlockId one = kinds.take_output(kFirst), two = kinds.take_output(kFirst);
  EXPECT_EQ((std::set<BlockId>{one, two}), (std::set<BlockId>{BlockId{0}, BlockId{1}}));
  EXPECT_EQ(kinds.take_output(kFirst), BlockId::None);
  for (int i = 0; i < 3; ++i) EXPECT_GE(index(kinds.take_block(kFirst)), 2);
  EXPECT_EQ(kinds.take_block(kFirst), BlockId::None);
  kinds.give_back(kFirst, two);
  EXPECT_EQ(kinds.take_block(kFirst), BlockId::None);
  EXPECT_EQ(kinds.take_output(kFirst), two);
  EXPECT_EQ(kinds.taken(kFirst), 5);
  kinds.check_invariants();
  EXPECT_NE(kinds.take_output(kSecond), BlockId::None) << "where all are alike";
}

}  // namespace
}  // namespace blasx::cache
