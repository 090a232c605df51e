// SPDX-License-Identifier: Apache-2.0
#include "ooc_gemm/storage/npy.hpp"

#include <gmock/gmock.h>

namespace {

using namespace ooc_gemm::storage;  // NOLINT(google-build-using-namespace)
using testing::AllOf;
using testing::HasSubstr;

Result<Description> parse(const std::string& dictionary) {
  return parse_npy_header("a.npy",
                          std::string("\x93NUMPY\x01\x00\x76\x00", 10) + dictionary + '\n');
}

std::string refusal(const std::string& dictionary) {
  const auto parsed = parse(dictionary);
  return parsed ? "accepted" : parsed.error().message();
}

TEST(NpyTest, WhatIsWrittenIsRead) {
  for (const Element element : {Element::F4, Element::F8, Element::C8, Element::C16}) {
    for (const Order order : {Order::C, Order::Fortran}) {
      Description matrix{"a.npy", element, order, 12345, 7, 0};
      const std::string header = make_npy_header(matrix);
      EXPECT_EQ(header.size() % 64, 0U);
      EXPECT_EQ(header.back(), '\n');
      EXPECT_EQ(make_npy_header(matrix, 4096).size(), 4096U);
      EXPECT_EQ(npy_header_bytes("a.npy", header).value(), static_cast<int64_t>(header.size()));
      matrix.data_offset = static_cast<int64_t>(header.size());
      EXPECT_EQ(parse_npy_header("a.npy", header).value(), matrix);
    }
  }
}

TEST(NpyTest, LaterVersionsHaveLongerLengths) {
  EXPECT_EQ(npy_header_bytes("a", std::string("\x93NUMPY\x02\x00\x00\x00\x01\x00", 12)).value(),
            65536 + 12);
  EXPECT_EQ(npy_header_bytes("a", std::string("\x93NUMPY\x03\x00\x74\x00\x00\x00", 12)).value(),
            0x74 + 12);
  EXPECT_FALSE(
      npy_header_bytes("a", std::string("\x93NUMPY\x09\x00\x74\x00\x00\x00", 12)).has_value());
  EXPECT_THAT(npy_header_bytes("a.txt", "hello, world").error().message(),
              HasSubstr("a.txt: offset 0: not a .npy"));
}

TEST(NpyTest, OtherWritersDictionaries) {
  const auto parsed = parse("{\"shape\":(3,4),\"fortran_order\":True,\"descr\":\"<f4\"}");
  ASSERT_TRUE(parsed.has_value()) << parsed.error().message();
  EXPECT_EQ(parsed->rows, 3);
  EXPECT_EQ(parsed->order, Order::Fortran);
}

TEST(NpyTest, RefusalsNameTheReason) {
  const std::string tail = ", 'fortran_order': False, 'shape': (3, 4), }";
  EXPECT_THAT(refusal("{'descr': '>f8'" + tail),
              AllOf(HasSubstr("offset 20"), HasSubstr("astype('<f8')")));
  EXPECT_THAT(refusal("{'descr': '<i8'" + tail), HasSubstr("type '<i8'"));
  EXPECT_THAT(refusal("{'descr': ''" + tail), HasSubstr("type ''"));
  EXPECT_THAT(refusal("{'descr': [('a', '<f8')]" + tail), HasSubstr("records"));
  EXPECT_THAT(refusal("{'fortran_order': False}"), HasSubstr("no 'descr'"));
  const std::string head = "{'descr': '<f8', 'fortran_order': ";
  EXPECT_THAT(refusal(head + "False, 'shape': (3,), }"),
              AllOf(HasSubstr("1 dimensions"), HasSubstr("reshape")));
  EXPECT_THAT(refusal(head + "False, 'shape': (3, 4, 5), }"), HasSubstr("3 dimensions"));
  EXPECT_THAT(refusal(head + "False, 'shape': (3, x), }"), HasSubstr("'x' in the shape"));
  EXPECT_THAT(refusal(head + "False, 'shape': (-3, 4), }"), HasSubstr("'-3' in the shape"));
  EXPECT_THAT(refusal(head + "Maybe, 'shape': (3, 4), }"), HasSubstr("neither"));
  EXPECT_THAT(refusal(head + "False, }"), HasSubstr("no 'shape'"));
  EXPECT_THAT(refusal(head + "False, 'shape': (9223372036854775807, 4), }"),
              HasSubstr("too large"));
}

}  // namespace
