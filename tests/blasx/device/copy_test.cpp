// SPDX-License-Identifier: Apache-2.0
#include "blasx/device/copy.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace blasx::device {
namespace {

constexpr int64_t kRows = 5, kCols = 4, kFromLd = 7, kToLd = 6;

struct Matrices {
  std::vector<double> from = std::vector<double>(kFromLd * kCols);
  std::vector<double> to = std::vector<double>(kToLd * kCols, -1);

  Matrices() {
    for (size_t i = 0; i < from.size(); ++i) from[i] = static_cast<double>(i + 1);
  }
  Copy copy(tile::Region region) {
    Copy c;
    c.from = {reinterpret_cast<std::byte*>(from.data()), kFromLd};
    c.to = {reinterpret_cast<std::byte*>(to.data()), kToLd};
    c.rows = kRows;
    c.cols = kCols;
    c.region = region;
    return c;
  }
};

bool in_region(tile::Region region, int64_t i, int64_t j) {
  if (i >= kRows) return false;
  if (region == tile::Region::Upper) return i <= j;
  if (region == tile::Region::Lower) return i >= j;
  return true;
}

class CopyRegion : public testing::TestWithParam<tile::Region> {};

TEST_P(CopyRegion, WritesTheRegionAndNothingElse) {
  Matrices m;
  const Copy copy = m.copy(GetParam());
  copy_region(copy);
  int64_t copied = 0;
  for (int64_t j = 0; j < kCols; ++j) {
    for (int64_t i = 0; i < kToLd; ++i) {
      const bool inside = in_region(GetParam(), i, j);
      const double want = inside ? m.from[static_cast<size_t>(i + j * kFromLd)] : -1;
      EXPECT_EQ(m.to[static_cast<size_t>(i + j * kToLd)], want) << i << "," << j;
      copied += inside ? 1 : 0;
    }
  }
  EXPECT_EQ(region_bytes(copy), copied * 8);
}

TEST_P(CopyRegion, ScribblesTheRegionAndNothingElse) {
  Matrices m;
  scribble(m.copy(GetParam()));
  for (int64_t j = 0; j < kCols; ++j) {
    for (int64_t i = 0; i < kToLd; ++i) {
      const double got = m.to[static_cast<size_t>(i + j * kToLd)];
      EXPECT_EQ(got != got, in_region(GetParam(), i, j)) << i << "," << j;
    }
  }
}

// In two pieces through a packed buffer, as a device that stages its copies does.
TEST_P(CopyRegion, ArrivesThroughAPackedBuffer) {
  Matrices m;
  const Copy copy = m.copy(GetParam());
  constexpr int64_t kLd = kRows + 3;
  std::vector<double> packed(kLd * kCols, -2);
  for (const Columns columns : {Columns{0, 3}, Columns{3, kCols - 3}}) {
    auto* buffer = reinterpret_cast<std::byte*>(packed.data());
    pack_columns(copy, columns, kLd, buffer);
    unpack_columns(copy, columns, kLd, buffer);
  }
  for (int64_t j = 0; j < kCols; ++j) {
    for (int64_t i = 0; i < kToLd; ++i) {
      const double want =
          in_region(GetParam(), i, j) ? m.from[static_cast<size_t>(i + j * kFromLd)] : -1;
      EXPECT_EQ(m.to[static_cast<size_t>(i + j * kToLd)], want) << i << "," << j;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, CopyRegion,
                         testing::Values(tile::Region::Full, tile::Region::Upper,
                                         tile::Region::Lower));

TEST(CopyRegionShape, WideTriangles) {
  // More columns than rows: beyond the square part Upper is full and Lower is empty.
  Copy c;
  c.rows = 2;
  c.cols = 5;
  c.element_bytes = 1;
  c.region = tile::Region::Upper;
  EXPECT_EQ(region_bytes(c), 1 + 2 * 4);
  c.region = tile::Region::Lower;
  EXPECT_EQ(region_bytes(c), 2 + 1);
}

}  // namespace
}  // namespace blasx::device
