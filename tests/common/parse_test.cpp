// SPDX-License-Identifier: Apache-2.0
#include "common/parse.hpp"

#include <gtest/gtest.h>

#include <cstdint>

namespace blasx {
namespace {

using parse::Amount;

std::string refusal(const Status& status) { return status.ok() ? "accepted" : status.message(); }

TEST(Parse, TrimsAndSplits) {
  EXPECT_EQ(parse::trim(" \ta b\n"), "a b");
  EXPECT_EQ(parse::trim("  "), "");
  EXPECT_TRUE(parse::split(" ", ',').empty());
  EXPECT_EQ(parse::split("a, b,,c", ','), (std::vector<std::string_view>{"a", "b", "", "c"}));
}

TEST(Parse, Integers) {
  EXPECT_EQ(*parse::integer(" 42 "), 42);
  EXPECT_EQ(*parse::integer("-1"), -1);
  EXPECT_EQ(*parse::integer("9223372036854775807"), INT64_MAX);
  EXPECT_EQ(refusal(parse::integer("9223372036854775808").status()), "too large");
  EXPECT_EQ(refusal(parse::integer("17x").status()), "not a number");
  EXPECT_EQ(refusal(parse::integer("1.5").status()), "not a number");
  EXPECT_EQ(refusal(parse::integer("").status()), "empty");
  EXPECT_EQ(refusal(parse::integer_in("7", 8, 16).status()), "too small");
  EXPECT_EQ(refusal(parse::integer_in("17", 8, 16).status()), "too large");
  EXPECT_EQ(*parse::integer_in("8", 8, 16), 8);
  EXPECT_EQ(*parse::integer_in("16", 8, 16), 16);
}

TEST(Parse, Reals) {
  EXPECT_EQ(*parse::real("2e9"), 2e9);
  EXPECT_EQ(*parse::real("0.5"), 0.5);
  EXPECT_EQ(refusal(parse::real("nan").status()), "not a number");
  EXPECT_EQ(refusal(parse::real("inf").status()), "not a number");
  EXPECT_EQ(refusal(parse::real("1,5").status()), "not a number");
}

TEST(Parse, Booleans) {
  for (const char* yes : {"1", "on", "YES", "True"}) EXPECT_TRUE(*parse::boolean(yes)) << yes;
  for (const char* no : {"0", "off", "No", "FALSE"}) EXPECT_FALSE(*parse::boolean(no)) << no;
  EXPECT_EQ(refusal(parse::boolean("2").status()), "neither yes nor no");
}

TEST(Parse, Bytes) {
  EXPECT_EQ(*parse::bytes("512"), 512);
  EXPECT_EQ(*parse::bytes("512B"), 512);
  EXPECT_EQ(*parse::bytes("4k"), 4096);
  EXPECT_EQ(*parse::bytes("4KB"), 4096);
  EXPECT_EQ(*parse::bytes("4 KiB"), 4096);
  EXPECT_EQ(*parse::bytes("1.5G"), int64_t{3} << 29);
  EXPECT_EQ(*parse::bytes("2T"), int64_t{1} << 41);
  EXPECT_EQ(*parse::bytes("3M"), int64_t{3} << 20);
  EXPECT_EQ(refusal(parse::bytes("-1K").status()), "negative");
  EXPECT_EQ(refusal(parse::bytes("99999999T").status()), "too large");
  EXPECT_EQ(refusal(parse::bytes("K").status()), "empty");
  EXPECT_EQ(refusal(parse::bytes("4X").status()), "not a number");
  EXPECT_EQ(refusal(parse::bytes("4KK").status()), "not a number");
}

TEST(Parse, Amounts) {
  EXPECT_EQ(*parse::amount("50%"), (Amount{.bytes = 0, .fraction = 0.5}));
  EXPECT_EQ(parse::amount("50%")->of(1000), 500);
  EXPECT_EQ(parse::amount("1K")->of(1000), 1024);
  EXPECT_EQ(refusal(parse::amount("101%").status()), "above 100%");
  EXPECT_EQ(refusal(parse::amount("0%").status()), "not above 0%");
  EXPECT_EQ(refusal(parse::amount("0").status()), "nothing");
  EXPECT_EQ(refusal(parse::amount("%").status()), "empty");
}

TEST(Parse, HumanUnits) {
  EXPECT_EQ(parse::human_bytes(0), "0 B");
  EXPECT_EQ(parse::human_bytes(512), "512 B");
  EXPECT_EQ(parse::human_bytes(4096), "4 KiB");
  EXPECT_EQ(parse::human_bytes(1.5 * 0x1p30), "1.5 GiB");
  EXPECT_EQ(parse::human_bytes(1023 * 0x1p20 + 1), "1023 MiB");
  EXPECT_EQ(parse::human_count(12), "12");
  EXPECT_EQ(parse::human_count(17179869184.0), "17.2 G");
  EXPECT_EQ(parse::human_seconds(12.34e-6), "12.3 us");
  EXPECT_EQ(parse::human_seconds(2), "2 s");
}

}  // namespace
}  // namespace blasx
