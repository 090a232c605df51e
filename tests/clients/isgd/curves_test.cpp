// SPDX-License-Identifier: Apache-2.0
#include "clients/isgd/study/curves.hpp"

#include <gtest/gtest.h>

#include "clients/nn/error.hpp"

namespace {

isgd::Study two_seeds() {
  isgd::Study study;
  study.sgd = {{{0, 0, 2.3, 0.125}, {10, 1.5, 1, 0.5}}, {{0, 0, 2.25, 0.25}}};
  study.isgd = {{{0, 0, 2.3, 0.125}, {13, 2, 0.5, 0.75}}, {{0, 0, 2.25, 0.25}}};
  study.triggered = {2, 0};
  study.extra_gradients = {3, 0};
  return study;
}

TEST(Curves, AreReadAsTheyWereWritten) {
  const std::string text = isgd::lines(two_seeds(), 7, "--net mlp");
  EXPECT_NE(text.find(R"("method":"isgd","seed":8)"), std::string::npos);
  const isgd::Study read = isgd::study_of(text, 7, "--net mlp");
  EXPECT_EQ(isgd::lines(read, 7, "--net mlp"), text);
  ASSERT_EQ(read.isgd.size(), 2U);
  EXPECT_EQ(read.isgd[0][1].gradients, 13);
  EXPECT_EQ(read.isgd[0][1].seconds, 2);
  EXPECT_EQ(read.sgd[0][1].loss, 1);
  EXPECT_EQ(read.isgd[0][1].accuracy, 0.75);
  EXPECT_EQ(read.triggered, (std::vector<int64_t>{2, 0}));
  EXPECT_EQ(read.extra_gradients, (std::vector<int64_t>{3, 0}));
}

// Runs are kept whole: a seed without its last line was cut off and does not count.
TEST(Curves, ASeedThatWasCutOffIsRunAgain) {
  std::string text = isgd::lines(two_seeds(), 7, "a");
  text.erase(text.rfind("{\"seed\":8"));
  EXPECT_EQ(isgd::study_of(text, 7, "a").sgd.size(), 1U);
}

TEST(Curves, OthersAreRefused) {
  const std::string text = isgd::lines(two_seeds(), 7, "--net mlp");
  EXPECT_THROW((void)isgd::study_of(text, 7, "--net lenet"), nn::Error);
  EXPECT_THROW((void)isgd::study_of(text, 8, "--net mlp"), nn::Error);
  EXPECT_THROW((void)isgd::study_of(text + "{}\n", 7, "--net mlp"), nn::Error);
  EXPECT_THROW((void)isgd::study_of("", 7, "--net mlp"), nn::Error);
}

}  // namespace
