// SPDX-License-Identifier: Apache-2.0
#include "blasx/config/messages.hpp"

#include <gtest/gtest.h>

#include <set>

namespace blasx {
namespace {

TEST(Messages, FillsPlacesInOrder) {
  EXPECT_EQ(message_text(Message::BadValue, {"BLASX_TILE", "17x", "not a number", "auto", "64"}),
            "BLASX_TILE=17x: not a number; accepted auto; using 64");
}

TEST(Messages, LeavesBracesOfArgumentsAlone) {
  EXPECT_EQ(message_text(Message::TraceUnwritable, {"{}", "x"}),
            "{}: cannot write the timeline: x");
}

TEST(Messages, TooManyOrTooFewArgumentsHarmNothing) {
  EXPECT_EQ(message_text(Message::TooLate, {"STREAMS", "extra"}),
            "STREAMS can only be set before the first level-3 call");
  EXPECT_EQ(message_text(Message::TooLate, {}), "{} can only be set before the first level-3 call");
}

TEST(Messages, ReasonKeysAreWordsAndDiffer) {
  std::set<std::string> keys;
  for (int i = 0; i <= static_cast<int>(Reason::ExitUnderWay); ++i) {
    const std::string key = reason_key(static_cast<Reason>(i));
    EXPECT_EQ(key.find_first_not_of("abcdefghijklmnopqrstuvwxyz-"), std::string::npos) << key;
    EXPECT_TRUE(keys.insert(key).second) << key;
    EXPECT_FALSE(std::string(reason_text(static_cast<Reason>(i))).empty());
  }
}

}  // namespace
}  // namespace blasx
