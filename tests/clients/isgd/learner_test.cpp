// SPDX-License-Identifier: Apache-2.0
// SGD and ISGD on the executor: the same until a batch stands out, and how gradients are counted.
#include "clients/isgd/run/learner.hpp"

#include <gtest/gtest.h>

#include "clients/isgd/study/report.hpp"
#include "clients/nn/graph/zoo.hpp"
#include "clients/nn/layers/cpu/layer_set.hpp"

namespace {

using isgd::Curve;
using isgd::Learner;
using isgd::Plan;

class LearnerTest : public testing::Test {
 protected:
  LearnerTest()
      : data(nn::data::generate(200, 1, 12, 12, 4, 3)),
        compiled(nn::compile(nn::graph::make("mlp:24,16", {4, 1, 12, 12}, 4),
                             nn::cpu::CpuLayers("gemm"))) {
    // Two wrong labels: once the others are learned, the losses of their batches stand out.
    for (const size_t i : {size_t{10}, size_t{70}})
      data.train.labels[i] = (data.train.labels[i] + 1) % 4;
  }

  Curve run(const Plan& plan, int64_t* triggered = nullptr, int64_t* extra = nullptr) {
    Learner learner(compiled, data, plan);
    std::vector<double> heard;
    Curve curve = learner.run([&](int64_t, double loss) { heard.push_back(loss); });
    if (triggered != nullptr) *triggered = learner.triggered();
    if (extra != nullptr) *extra = learner.extra_gradients();
    losses = heard;
    return curve;
  }

  static Plan plan(bool inconsistent) {
    Plan p;
    p.gradients = 400;
    p.moments = 10;
    p.rate = 0.02;
    p.inconsistent = inconsistent;
    return p;
  }

  nn::data::DataSet data;
  nn::Compiled compiled;
  std::vector<double> losses;
};

TEST_F(LearnerTest, CurvesCountEveryGradient) {
  int64_t triggered = 0, extra = 0;
  const Curve curve = run(plan(true), &triggered, &extra);
  EXPECT_GT(triggered, 0);
  EXPECT_GE(extra, triggered);
  EXPECT_EQ(static_cast<int64_t>(losses.size()) + extra, curve.back().gradients);
  EXPECT_GE(curve.back().gradients, 400);
  EXPECT_LT(curve.back().gradients, 406);
  EXPECT_EQ(curve.front().gradients, 0);
  for (size_t i = 1; i < curve.size(); ++i) {
    EXPECT_GT(curve[i].gradients, curve[i - 1].gradients);
    EXPECT_GE(curve[i].seconds, curve[i - 1].seconds);
  }
  EXPECT_LT(curve.back().loss, curve.front().loss);
}

TEST_F(LearnerTest, SameSeedSameCurveAndIsgdBeginsAsSgd) {
  run(plan(false));
  const std::vector<double> sgd = losses;
  run(plan(false));
  EXPECT_EQ(losses, sgd);
  run(plan(true));
  // Nothing is worked on before the chart is full: an epoch of batches.
  const auto epoch = static_cast<std::ptrdiff_t>(data.train.count() / 4);
  EXPECT_TRUE(std::equal(losses.begin(), losses.begin() + epoch, sgd.begin()));
  EXPECT_NE(losses, sgd);
}

// By turns or one after the other: a run knows nothing of another.
TEST_F(LearnerTest, PieceByPieceIsTheSameCurve) {
  Plan processor = plan(true);
  processor.clock = isgd::Clock::Processor;
  Learner ours(compiled, data, processor), other(compiled, data, plan(false));
  const auto quiet = [](int64_t, double) {};
  size_t moments = 1;
  for (; ours.advance(quiet); ++moments) other.advance(quiet);
  EXPECT_EQ(ours.curve().size(), moments);
  const Curve whole = run(plan(true));
  ASSERT_EQ(ours.curve().size(), whole.size());
  for (size_t i = 0; i < whole.size(); ++i) {
    EXPECT_EQ(ours.curve()[i].gradients, whole[i].gradients);
    EXPECT_EQ(ours.curve()[i].loss, whole[i].loss);
  }
  EXPECT_GT(ours.curve().back().seconds, 0);
}

TEST_F(LearnerTest, TablesOfAStudy) {
  isgd::Study study;
  study.sgd = {run(plan(false))};
  study.isgd = {run(plan(true))};
  study.triggered = {3};
  study.extra_gradients = {9};
  EXPECT_GT(isgd::target_of(study), 0.2);
  const std::string table = isgd::table(study);
  EXPECT_NE(table.find("gradients to accuracy"), std::string::npos);
  EXPECT_NE(table.find("21.05"), std::string::npos);
  EXPECT_NE(isgd::advice({1000, 0.1}, 0.1).find("best batch is 35"), std::string::npos);
}

}  // namespace
