// SPDX-License-Identifier: Apache-2.0
#include "blasx/tile/layout.hpp"

#include <gtest/gtest.h>

#include <set>
#include <utility>

namespace blasx::tile {
namespace {

std::set<std::pair<int32_t, int32_t>> places(Numbering numbering, int32_t mt, int32_t nt,
                                             const Chains& chains = {}) {
  std::set<std::pair<int32_t, int32_t>> seen;
  for (int32_t t = 0; t < count_tasks(numbering, mt, nt); ++t) {
    const Place p = place_of(t, numbering, mt, nt, chains);
    EXPECT_GE(p.i, 0);
    EXPECT_LT(p.i, mt);
    EXPECT_GE(p.j, 0);
    EXPECT_LT(p.j, nt);
    EXPECT_TRUE(seen.emplace(p.i, p.j).second) << p.i << " " << p.j << " twice";
  }
  return seen;
}

TEST(Numbering, BandsReachEveryTile) {
  for (const int32_t mt : {1, kBand - 1, kBand, kBand + 1, 3 * kBand + 2}) {
    for (const int32_t nt : {1, 2, 9}) {
      EXPECT_EQ(places(Numbering::Bands, mt, nt).size(), static_cast<size_t>(mt * nt));
    }
  }
}

TEST(Numbering, NeighboursInABandShareARowOrAColumn) {
  const int32_t mt = 3 * kBand, nt = 7;
  for (int32_t t = 1; t < kBand; ++t) {
    EXPECT_EQ(place_of(t, Numbering::Bands, mt, nt, {}).j, 0);
  }
  EXPECT_EQ(place_of(kBand, Numbering::Bands, mt, nt, {}).i, 0);
  EXPECT_EQ(place_of(kBand, Numbering::Bands, mt, nt, {}).j, 1);
}

TEST(Numbering, TrianglesHoldTheirHalf) {
  for (const int32_t nt : {1, 2, 5, 40}) {
    const auto upper = places(Numbering::Upper, nt, nt);
    const auto lower = places(Numbering::Lower, nt, nt);
    EXPECT_EQ(upper.size(), static_cast<size_t>(nt * (nt + 1) / 2));
    EXPECT_EQ(lower.size(), upper.size());
    for (const auto& [i, j] : upper) EXPECT_LE(i, j);
    for (const auto& [i, j] : lower) EXPECT_GE(i, j);
  }
}

// The square root that finds the column must not slip for large numbers.
TEST(Numbering, TrianglesAreExactFarOut) {
  const int32_t nt = 60000;
  for (const int32_t j : {46339, 46340, 50000, nt - 1}) {
    const auto before = static_cast<int32_t>(int64_t{j} * (j + 1) / 2);
    const Place first = place_of(before, Numbering::Upper, nt, nt, {});
    EXPECT_EQ(first.i, 0);
    EXPECT_EQ(first.j, j);
    const Place last = place_of(before + j, Numbering::Upper, nt, nt, {});
    EXPECT_EQ(last.i, j);
    EXPECT_EQ(last.j, j);
  }
}

TEST(Chains, RunAsTheTriangleSays) {
  BlasCall call;
  call.routine = Routine::Trsm;
  call.uplo = Uplo::Lower;
  EXPECT_TRUE(effectively_lower(call));
  EXPECT_TRUE(chains_of(call, 3, 5).ascending);  // forward substitution
  EXPECT_EQ(chains_of(call, 3, 5).length, 3);
  EXPECT_EQ(chains_of(call, 3, 5).lanes, 5);
  call.trans_a = Op::ConjTrans;
  EXPECT_FALSE(effectively_lower(call));
  EXPECT_FALSE(chains_of(call, 3, 5).ascending);
  call.side = Side::Right;
  EXPECT_TRUE(chains_of(call, 3, 5).ascending);
  EXPECT_EQ(chains_of(call, 3, 5).length, 5);
  call.routine = Routine::Trmm;
  EXPECT_FALSE(chains_of(call, 3, 5).ascending);
}

TEST(Chains, AllHeadsComeBeforeAllSecondMembers) {
  for (const Side side : {Side::Left, Side::Right}) {
    BlasCall call;
    call.routine = Routine::Trmm;
    call.side = side;
    const Chains chains = chains_of(call, 4, 6);
    EXPECT_EQ(places(Numbering::Chains, 4, 6, chains).size(), 24u);
    for (int32_t t = 0; t < 24; ++t) {
      EXPECT_EQ(place_of(t, Numbering::Chains, 4, 6, chains).position, t / chains.lanes);
    }
  }
}

TEST(Cut, CoversItsLengthOnce) {
  for (const int64_t size : {0, 1, 7, 10, 23}) {
    for (const int64_t from : {0, 3, 8, 12, 40}) {
      for (const int64_t fine : {0, 1, 3, 4, 9}) {
        const Cut parts = cut(size, 4, from, fine);
        int64_t at = 0;
        for (int64_t i = 0; i < parts.count(); ++i) {
          ASSERT_EQ(parts.begin(i), at) << size << " " << from << " " << fine;
          ASSERT_GT(parts.length(i), 0);
          ASSERT_LE(parts.length(i), i < parts.whole ? 4 : fine);
          at += parts.length(i);
        }
        ASSERT_EQ(at, size) << from << " " << fine;
      }
    }
  }
}

TEST(Cut, IsFineFromABeginOfATileOn) {
  const Cut parts = cut(20, 4, 13, 2);
  EXPECT_EQ(parts.whole, 3);
  EXPECT_EQ(parts.count(), 3 + 4);
  EXPECT_EQ(parts.begin(4), 14);
  EXPECT_EQ(cut(20, 4, 12, 5).count(), 5) << "not finer";
  EXPECT_EQ(cut(20, 4, 20, 2).count(), 5) << "nothing left";
}

TEST(Cut, FindsTheNearestBegin) {
  const Cut parts = cut(20, 4, 12, 2);
  EXPECT_EQ(parts.nearest(0), 0);
  EXPECT_EQ(parts.nearest(5.9), 1);
  EXPECT_EQ(parts.nearest(6.1), 2);
  EXPECT_EQ(parts.nearest(14.2), 4);
  EXPECT_EQ(parts.nearest(20), parts.count());
}

}  // namespace
}  // namespace blasx::tile
