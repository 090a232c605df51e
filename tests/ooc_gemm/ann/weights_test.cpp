// SPDX-License-Identifier: Apache-2.0
#include "ooc_gemm/ann/weights.hpp"

#include <gmock/gmock.h>

#include <array>
#include <chrono>
#include <thread>

#include "folder.hpp"

namespace {

using namespace ooc_gemm::ann;  // NOLINT(google-build-using-namespace)
using ooc_gemm::tests::Folder;

// The least memory in which this many samples can be learnt, and a little more.
Budget budget_with(const Network& network, int64_t more_bytes) {
  const Needs needs{network, 1, 1, 1};
  const auto refused = make_budget(needs, 1);
  const std::string text = refused.error().message();
  return make_budget(needs, std::stoll(text.substr(text.rfind(": ") + 2)) + more_bytes).value();
}

std::vector<float> all_of(Weights& weights) {
  std::vector<float> all;
  for (int64_t layer = 1; layer <= weights.network().layers(); ++layer) {
    const auto take = [&](const Weights::Panel& panel) {
      all.insert(all.end(), panel.data, panel.data + panel.rows * weights.network().in(layer));
      return Status();
    };
    EXPECT_TRUE(weights.for_each_panel(layer, false, take).ok());
  }
  return all;
}

TEST(WeightsTest, TheSameInMemoryAndInPanels) {
  const Folder folder;
  const Network network = parse_network("20-13-7-3").value();
  ooc_gemm::storage::Pool pool(2);
  auto memory =
      Weights::make(network, make_budget({network, 1, 1, 1}, 0).value(), "", pool).value();
  ASSERT_TRUE(memory.fill(3).ok());
  const std::vector<float> expected = all_of(memory);
  double sum = 0;
  double squares = 0;
  for (size_t i = 0; i < 260; ++i) {
    sum += expected[i];
    squares += expected[i] * expected[i];
  }
  EXPECT_NEAR(sum / 260, 0, 0.1);
  EXPECT_NEAR(squares / 260, 2.0 / 20, 0.03);
  for (const int64_t more : {0, 100, 200, 300, 700}) {
    const Budget budget = budget_with(network, more);
    ASSERT_FALSE(budget.weights_in_memory);
    auto file = Weights::make(network, budget, folder.path(), pool).value();
    ASSERT_TRUE(file.fill(3).ok());
    EXPECT_EQ(all_of(file), expected);
    // Twice what is there, panel by panel, and read again.
    for (int64_t layer = 1; layer <= 3; ++layer) {
      int64_t rows = 0;
      const auto change = [&](const Weights::Panel& panel) {
        EXPECT_EQ(panel.row, rows);
        rows += panel.rows;
        for (int64_t i = 0; i < panel.rows * network.in(layer); ++i) panel.data[i] *= 2;
        return Status();
      };
      ASSERT_TRUE(file.for_each_panel(layer, true, change).ok());
      EXPECT_EQ(rows, network.out(layer));
    }
    std::vector<float> twice = expected;
    for (float& value : twice) value *= 2;
    EXPECT_EQ(all_of(file), twice);
  }
}

// The one thread of the pool is kept busy, so that each write behind that is late: a panel's memory must not be read into before, and
// when all is over everything must have been written.
TEST(WeightsTest, LateWritesAreWaitedFor) {
  const Folder folder;
  constexpr size_t kPanels = 4;
  const Network network = parse_network("8-8-2").value();
  Budget budget;
  budget.weights_in_memory = false;
  budget.panel_rows = {2, 2};
  budget.weight_bytes = int64_t{2} * 2 * 8 * 4;
  ooc_gemm::storage::Pool pool(1);
  auto weights = Weights::make(network, budget, folder.path(), pool).value();
  std::array<ooc_gemm::storage::Ticket, kPanels> delays;
  size_t panels = 0;
  const auto visit = [&](const Weights::Panel&) {
    // Another is being read into the memory of the one before; at the last there is none.
    if (panels > 0 && panels + 1 < kPanels) {
      EXPECT_TRUE(delays[panels - 1].done()) << "at panel " << panels;
    }
    pool.submit(delays[panels++], [] {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      return Status();
    });
    return Status();
  };
  ASSERT_TRUE(weights.for_each_panel(1, true, visit).ok());
  EXPECT_EQ(panels, kPanels);
  EXPECT_TRUE(delays.back().done());
}

TEST(WeightsTest, RefusalsComeThrough) {
  const Network network = parse_network("20-13-3").value();
  ooc_gemm::storage::Pool pool(1);
  const Budget budget = budget_with(network, 0);
  EXPECT_THAT(Weights::make(network, budget, "/nowhere", pool).error().message(),
              testing::HasSubstr("/nowhere/ann-train-weights-"));
  const Folder folder;
  auto weights = Weights::make(network, budget, folder.path(), pool).value();
  const auto fail = [](const Weights::Panel&) { return Status(StatusCode::IoError, "no more"); };
  EXPECT_EQ(weights.for_each_panel(1, true, fail).message(), "no more");
  EXPECT_TRUE(weights.fill(1).ok()) << "still usable";
}

}  // namespace
