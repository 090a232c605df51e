// SPDX-License-Identifier: Apache-2.0
#include "clients/memsched/plan/switches.hpp"

#include <gtest/gtest.h>

#include "clients/nn/error.hpp"

namespace {

using memsched::Switches;

TEST(Switches, BringAlongWhatTheyNeed) {
  EXPECT_EQ(to_string(memsched::parse_switches("cache")), "liveness,offload,cache");
  EXPECT_EQ(to_string(memsched::parse_switches("recompute")), "liveness,recompute");
  EXPECT_EQ(to_string(memsched::parse_switches("workspaces")), "workspaces");
  EXPECT_EQ(to_string(memsched::parse_switches("none")), "none");
  EXPECT_EQ(memsched::parse_switches("all"), memsched::kAll);
  EXPECT_EQ(memsched::parse_switches("liveness,recompute,cache,workspaces,offload"),
            memsched::kAll);
}

TEST(Switches, EachCombinationOnce) {
  // nothing or liveness alone, and with liveness: recompute or not x nothing, offload, cache; all with and without workspaces
  EXPECT_EQ(memsched::every_combination().size(), 2U * (1 + 2 * 3));
}

TEST(Switches, WrongNamesAreRefused) {
  for (const char* text : {"", "livenes", "liveness,", ",offload", "all,offload"})
    EXPECT_THROW((void)memsched::parse_switches(text), nn::Error) << text;
  EXPECT_THROW((void)memsched::parse_replay("fast"), nn::Error);
  EXPECT_THROW((void)memsched::parse_policy("lru"), nn::Error);
  EXPECT_EQ(memsched::parse_replay("memory"), memsched::Replay::MemoryCentric);
  EXPECT_EQ(memsched::parse_policy("dtr"), memsched::Policy::Dtr);
  EXPECT_EQ(memsched::parse_policy("chain"), memsched::Policy::Chain);
}

}  // namespace
