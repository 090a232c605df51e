// SPDX-License-Identifier: Apache-2.0
#include "common/json.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace blasx {
namespace {

TEST(Json, PutsCommasWhereTheyBelong) {
  JsonWriter json;
  json.begin_object().member("a", 1).key("b").begin_array().value(1).value(2).end_array();
  json.key("c").begin_object().end_object().member("d", "x").end_object();
  EXPECT_EQ(json.text(), R"({"a":1,"b":[1,2],"c":{},"d":"x"})");
}

TEST(Json, EscapesText) {
  JsonWriter json;
  json.value("a\"b\\c\n\x01");
  EXPECT_EQ(json.text(), R"("a\"b\\c\u000a\u0001")");
}

TEST(Json, IsUtf8WhateverTheNamesAre) {
  const auto quoted = [](std::string_view text) {
    JsonWriter json;
    json.value(text);
    return json.take();
  };
  EXPECT_EQ(quoted("h\xc3\xb6 \xe2\x82\xac \xf0\x9f\x98\x80"),
            "\"h\xc3\xb6 \xe2\x82\xac \xf0\x9f\x98\x80\"");
  EXPECT_EQ(quoted("latin \xf6"), "\"latin ?\"");
  EXPECT_EQ(quoted("\xc3"), "\"?\"");
  EXPECT_EQ(quoted("\x80x"), "\"?x\"");
  EXPECT_EQ(quoted("\xe2\x82x"), "\"??x\"");
}

TEST(Json, WritesNumbersThatReadBack) {
  JsonWriter json;
  json.begin_array().value(0.1).value(1e300).value(std::numeric_limits<double>::quiet_NaN());
  json.value(std::numeric_limits<double>::infinity()).value(int64_t{1} << 62).value(true);
  json.end_array();
  EXPECT_EQ(json.text(), "[0.1,1e+300,null,null,4611686018427387904,true]");
}

TEST(Json, WritesThousandthsExactly) {
  JsonWriter json;
  json.begin_array().milli(0).milli(7).milli(1234).milli(-50).milli(9007199254740993).end_array();
  EXPECT_EQ(json.text(), "[0.000,0.007,1.234,-0.050,9007199254740.993]");
}

}  // namespace
}  // namespace blasx
