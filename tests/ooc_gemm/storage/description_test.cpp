// SPDX-License-Identifier: Apache-2.0
#include "ooc_gemm/storage/description.hpp"

#include <gmock/gmock.h>

namespace {

using namespace ooc_gemm::storage;  // NOLINT(google-build-using-namespace)

TEST(DescriptionTest, NamesOfFiles) {
  const auto npy = parse_name("dir@2x2:f4/a.npy");
  ASSERT_TRUE(npy.has_value());
  EXPECT_FALSE(npy->raw);
  EXPECT_EQ(npy->matrix.path, "dir@2x2:f4/a.npy");
  const auto raw = parse_name("a.bin@10x20:c16:F");
  ASSERT_TRUE(raw.has_value());
  EXPECT_TRUE(raw->raw);
  EXPECT_EQ(raw->matrix, (Description{"a.bin", Element::C16, Order::Fortran, 10, 20, 0}));
  EXPECT_EQ(parse_name("a@3x4:f8")->matrix.order, Order::C);
  for (const char* wrong : {"", "a@3x4", "a@3:f8", "a@3x4:i8", "a@3x4:f8:X", "a@x4:f8", "@3x4:f8",
                            "a@1099511627776x1099511627776:f8", "a@-1x4:f8"}) {
    const auto refused = parse_name(wrong);
    ASSERT_FALSE(refused.has_value()) << wrong;
    EXPECT_THAT(refused.error().message(), testing::HasSubstr("PATH@ROWSxCOLS:TYPE")) << wrong;
  }
}

TEST(DescriptionTest, LinesOfAWindow) {
  const Window window{2, 3, 5, 7};
  const Description c{"a", Element::F8, Order::C, 100, 200, 128};
  EXPECT_EQ(window.lines(Order::C), 5);
  EXPECT_EQ(window.line_elems(Order::C), 7);
  EXPECT_EQ(line_offset(c, window, 1), 128 + (3 * 200 + 3) * 8);
  EXPECT_EQ(window.part(Order::C, 1, 2), (Window{3, 3, 2, 7}));
  const Description f{"a", Element::C16, Order::Fortran, 100, 200, 64};
  EXPECT_EQ(window.lines(Order::Fortran), 7);
  EXPECT_EQ(line_offset(f, window, 1), 64 + (4 * 100 + 2) * 16);
  EXPECT_EQ(window.part(Order::Fortran, 1, 2), (Window{2, 4, 5, 2}));
}

}  // namespace
