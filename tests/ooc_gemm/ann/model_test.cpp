// SPDX-License-Identifier: Apache-2.0
#include "ooc_gemm/ann/model.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <random>

#include "folder.hpp"

namespace {

using namespace ooc_gemm::ann;  // NOLINT(google-build-using-namespace)
using ooc_gemm::tests::Folder;

struct Batch {
  std::vector<float> x;
  std::vector<int32_t> labels;
};
Batch batch_for(const Network& network, int64_t rows, uint64_t seed) {
  std::mt19937_64 random(seed);
  Batch batch;
  for (int64_t i = 0; i < rows * network.in(1); ++i)
    batch.x.push_back(static_cast<float>(random() % 2000) / 1000 - 1);
  const auto classes = static_cast<uint64_t>(network.out(network.layers()));
  for (int64_t i = 0; i < rows; ++i)
    batch.labels.push_back(static_cast<int32_t>(random() % classes));
  return batch;
}

Weights weights_in_memory(const Network& network, ooc_gemm::storage::Pool& pool) {
  return Weights::make(network, make_budget({network, 1, 1, 1}, 0).value(), "", pool).value();
}

// The loss computed the slow way, in double precision, one sample after another.
double slow_loss(Weights& weights, const Batch& batch) {
  const Network& network = weights.network();
  double loss = 0;
  for (size_t sample = 0; sample < batch.labels.size(); ++sample) {
    const auto begin = batch.x.begin() + static_cast<int64_t>(sample) * network.in(1);
    std::vector<double> x(begin, begin + network.in(1));
    for (int64_t layer = 1; layer <= network.layers(); ++layer) {
      std::vector<double> z;
      const auto take = [&](const Weights::Panel& panel) {
        for (int64_t row = 0; row < panel.rows; ++row) {
          double sum = weights.bias(layer)[panel.row + row];
          for (size_t i = 0; i < x.size(); ++i)
            sum += x[i] * static_cast<double>(
                              panel.data[row * network.in(layer) + static_cast<int64_t>(i)]);
          z.push_back(layer < network.layers() ? (sum > 0 ? sum : std::expm1(sum)) : sum);
        }
        return Status();
      };
      EXPECT_TRUE(weights.for_each_panel(layer, false, take).ok());
      x = z;
    }
    double sum = 0;
    for (const double one : x) sum += std::exp(one);
    loss += std::log(sum) - x[static_cast<size_t>(batch.labels[sample])];
  }
  return loss / static_cast<double>(batch.labels.size());
}

TEST(ModelTest, LossIsThatOfTheSlowWay) {
  const Network network = parse_network("9-8-7-4").value();
  ooc_gemm::storage::Pool pool(1);
  Weights weights = weights_in_memory(network, pool);
  ASSERT_TRUE(weights.fill(1).ok());
  weights.bias(2)[3] = 0.5F;
  const Batch batch = batch_for(network, 11, 2);
  Model model(weights, 16);
  const auto score = model.test(batch.x.data(), batch.labels.data(), 11);
  ASSERT_TRUE(score.has_value());
  EXPECT_EQ(score->samples, 11);
  EXPECT_NEAR(score->mean_loss(), slow_loss(weights, batch), 1e-6);
}

// One step with rate r changes each weight by -r times its derivative.
TEST(ModelTest, StepsFollowCentralDifferences) {
  const Network network = parse_network("6-5-4-3").value();
  ooc_gemm::storage::Pool pool(1);
  const Batch batch = batch_for(network, 10, 3);
  const auto change_one = [&](Weights& weights, int64_t layer, int64_t index, float by) {
    if (index < 0) {
      weights.bias(layer)[-index - 1] += by;
      return;
    }
    const auto add = [&](const Weights::Panel& panel) {
      panel.data[index] += by;
      return Status();
    };
    ASSERT_TRUE(weights.for_each_panel(layer, true, add).ok());
  };
  const auto value_of = [&](Weights& weights, int64_t layer, int64_t index) {
    float value = index < 0 ? weights.bias(layer)[-index - 1] : 0;
    const auto take = [&](const Weights::Panel& panel) {
      if (index >= 0) value = panel.data[index];
      return Status();
    };
    EXPECT_TRUE(weights.for_each_panel(layer, false, take).ok());
    return static_cast<double>(value);
  };
  Weights stepped = weights_in_memory(network, pool);
  ASSERT_TRUE(stepped.fill(7).ok());
  Model model(stepped, 10);
  constexpr double kRate = 0.5;
  ASSERT_TRUE(model.train(batch.x.data(), batch.labels.data(), 10, kRate).has_value());
  Weights weights = weights_in_memory(network, pool);
  ASSERT_TRUE(weights.fill(7).ok());
  constexpr float kNudge = 1.0F / 1024;
  for (int64_t layer = 1; layer <= network.layers(); ++layer) {
    for (int64_t index = -network.out(layer); index < network.in(layer)*network.out(layer);
         ++index) {
      change_one(weights, layer, index, kNudge);
      const double above = slow_loss(weights, batch);
      change_one(weights, layer, index, -2 * kNudge);
      const double below = slow_loss(weights, batch);
      change_one(weights, layer, index, kNudge);
      const double slope = (above - below) / (2.0 * kNudge);
      const double moved = value_of(weights, layer, index) - value_of(stepped, layer, index);
      EXPECT_NEAR(moved / kRate, slope, 2e-4) << "layer " << layer << " index " << index;
    }
  }
}

TEST(ModelTest, PanelsChangeRoundingOnly) {
  const Folder folder;
  const Network network = parse_network("30-40-20-5").value();
  ooc_gemm::storage::Pool pool(2);
  Weights memory = weights_in_memory(network, pool);
  // Two panels of 5 to 8 rows.
  Budget budget;
  budget.weights_in_memory = false;
  budget.weight_bytes = 2560;
  budget.panel_rows = {8, 7, 3};
  Weights file = Weights::make(network, budget, folder.path(), pool).value();
  ASSERT_TRUE(memory.fill(1).ok() && file.fill(1).ok());
  Model one(memory, 20);
  Model other(file, 20);
  for (uint64_t step = 0; step < 50; ++step) {
    const Batch batch = batch_for(network, 20, step);
    const auto a = one.train(batch.x.data(), batch.labels.data(), 20, 0.2);
    const auto b = other.train(batch.x.data(), batch.labels.data(), 20, 0.2);
    ASSERT_TRUE(a && b);
    EXPECT_NEAR(a->mean_loss(), b->mean_loss(), 1e-5);
  }
}

TEST(ModelTest, SureOfTheRightAnswer) {
  // Weights so large that softmax is 0 and 1: neither overflow nor nan.
  const Network network = parse_network("2-2").value();
  ooc_gemm::storage::Pool pool(1);
  Weights weights = weights_in_memory(network, pool);
  const auto set = [](const Weights::Panel& panel) {
    panel.data[0] = panel.data[3] = 1e4F;
    return Status();
  };
  ASSERT_TRUE(weights.for_each_panel(1, true, set).ok());
  Model model(weights, 2);
  const float x[] = {1, 0, 0, 1};
  const int32_t right[] = {0, 1};
  const int32_t wrong[] = {1, 0};
  EXPECT_EQ(model.test(x, right, 2)->loss, 0);
  EXPECT_EQ(model.test(x, right, 2)->accuracy(), 1);
  EXPECT_EQ(model.test(x, wrong, 2)->mean_loss(), 1e4);
  EXPECT_EQ(model.train(x, wrong, 2, 0.1)->accuracy(), 0);
}

}  // namespace
