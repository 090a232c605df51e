// SPDX-License-Identifier: Apache-2.0
#include "ooc_gemm/ann/budget.hpp"

#include <gmock/gmock.h>

namespace {

using ooc_gemm::ann::make_budget;
using ooc_gemm::ann::Needs;
using ooc_gemm::ann::parse_network;

Needs needs_of(const char* layers) { return {parse_network(layers).value(), 64, 10000, 784}; }

TEST(BudgetTest, WithoutALimitAllIsInMemory) {
  const auto budget = make_budget(needs_of("784-256-10"), 0);
  ASSERT_TRUE(budget.has_value());
  EXPECT_TRUE(budget->data_in_memory && budget->weights_in_memory);
  EXPECT_EQ(budget->data_bytes, 10000 * 784);
  EXPECT_EQ(budget->weight_bytes, (784 * 256 + 256 * 10) * 4);
  EXPECT_EQ(budget->streamed_bytes_per_step, 0);
  EXPECT_EQ(budget->panel_rows, (std::vector<int64_t>{256, 10}));
  EXPECT_EQ(make_budget(needs_of("784-256-10"), budget->total_bytes()).value(), *budget);
}

TEST(BudgetTest, ALittleLessStreamsSamples) {
  const auto all = make_budget(needs_of("784-256-10"), 0);
  const auto budget = make_budget(needs_of("784-256-10"), all->total_bytes() - 1);
  ASSERT_TRUE(budget.has_value());
  EXPECT_FALSE(budget->data_in_memory);
  EXPECT_TRUE(budget->weights_in_memory);
  EXPECT_EQ(budget->streamed_bytes_per_step, 64 * 784);
}

TEST(BudgetTest, EveryBudgetIsKept) {
  for (const char* layers : {"784-256-10", "784-5000-10", "784-3-3-3", "784-10"}) {
    const Needs needs = needs_of(layers);
    const int64_t all = make_budget(needs, 0)->total_bytes();
    int64_t least = all;
    while (make_budget(needs, least - 1).has_value()) least -= 1 + least / 100;
    int64_t before = INT64_MAX;
    for (int64_t memory = least; memory <= all; memory += 1 + (all - least) / 97) {
      const auto budget = make_budget(needs, memory);
      if (!budget.has_value()) continue;  // the step above may have gone too far down
      EXPECT_LE(budget->total_bytes(), memory);
      EXPECT_LE(budget->streamed_bytes_per_step, before) << "more memory, more traffic";
      before = budget->streamed_bytes_per_step;
      for (int64_t layer = 1; layer <= needs.network.layers(); ++layer) {
        const int64_t rows = budget->panel_rows[static_cast<size_t>(layer - 1)];
        EXPECT_GE(rows, 1);
        EXPECT_LE(rows, needs.network.out(layer));
        EXPECT_LE(rows * needs.network.in(layer)*4 * (budget->weights_in_memory ? 1 : 2),
                  budget->weight_bytes);
      }
    }
  }
}

TEST(BudgetTest, TooLittleIsRefusedWithTheLeast) {
  const auto refused = make_budget(needs_of("784-256-10"), 1000);
  ASSERT_FALSE(refused.has_value());
  const std::string text = refused.error().message();
  const size_t at = text.find("10: ");
  ASSERT_NE(at, std::string::npos) << text;
  const int64_t least = std::stoll(text.substr(at + 4));
  EXPECT_TRUE(make_budget(needs_of("784-256-10"), least).has_value());
  EXPECT_FALSE(make_budget(needs_of("784-256-10"), least - 1).has_value());
}

}  // namespace
