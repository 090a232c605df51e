// SPDX-License-Identifier: Apache-2.0
#include "ooc_gemm/ann/trainer.hpp"

#include <gmock/gmock.h>

#include "folder.hpp"

namespace {

using namespace ooc_gemm::ann;  // NOLINT(google-build-using-namespace)
using ooc_gemm::tests::Folder;
using testing::HasSubstr;

class TrainerTest : public testing::Test {
 protected:
  TrainerTest() {
    source_.samples = 600;
    source_.width = 784;
    settings_.network = parse_network("784-20-10").value();
    settings_.batch = 32;
    settings_.epochs = 3;
    settings_.work_folder = folder_.path();
  }
  // Losses of the steps of a run that may be stopped after some.
  std::vector<double> losses(int64_t stop_after = -1) {
    std::vector<double> all;
    auto trainer = Trainer::make(settings_, source_);
    EXPECT_TRUE(trainer.has_value()) << trainer.error().message();
    const Status done = (*trainer)->run([&](const Progress& progress) {
      all.push_back(progress.batch.mean_loss());
      last_ = progress;
      return progress.step != stop_after;
    });
    EXPECT_TRUE(done.ok()) << done.message();
    return all;
  }
  std::string refusal() {
    const auto trainer = Trainer::make(settings_, source_);
    return trainer ? "made" : trainer.error().message();
  }
  Folder folder_;
  Source source_;
  Settings settings_;
  Progress last_;
};

TEST_F(TrainerTest, LearnsAndTellsHowFarItIs) {
  const std::vector<double> all = losses();
  EXPECT_EQ(all.size(), 45U);  // 480 samples are learnt, 15 batches an epoch
  EXPECT_EQ(last_.step, 45);
  EXPECT_EQ(last_.steps, 45);
  EXPECT_EQ(last_.epoch, 3);
  EXPECT_EQ(last_.epoch_so_far.samples, 480);
  ASSERT_TRUE(last_.held_out.has_value());
  EXPECT_EQ(last_.held_out->samples, 120);
  EXPECT_LT(last_.epoch_so_far.mean_loss(), 0.95 * all.front());
  EXPECT_EQ(losses(), all) << "the same seed, the same numbers";
  settings_.seed = 2;
  EXPECT_NE(losses(), all);
}

TEST_F(TrainerTest, SamplesInAFileChangeNothing) {
  const std::vector<double> all = losses();
  const int64_t whole = make_budget({settings_.network, 32, 600, 784}, 0)->total_bytes();
  settings_.memory_bytes = whole - 1;
  EXPECT_EQ(losses(), all);
}

TEST_F(TrainerTest, WeightsInAFileChangeRoundingOnly) {
  const std::vector<double> all = losses();
  settings_.memory_bytes = 1;
  const std::string text = refusal();
  settings_.memory_bytes = std::stoll(text.substr(text.rfind(": ") + 2)) + 2000;
  const std::vector<double> streamed = losses();
  ASSERT_EQ(streamed.size(), all.size());
  for (size_t i = 0; i < all.size(); ++i) EXPECT_NEAR(streamed[i], all[i], 1e-5);
}

TEST_F(TrainerTest, ContinuesFromItsCheckpointByteForByte) {
  settings_.checkpoint = folder_.path("whole.ann");
  const std::vector<double> all = losses();
  settings_.checkpoint = folder_.path("net.ann");
  std::vector<double> parts;
  for (const int64_t stop : {7, 15, 16, 40, -1}) {  // within an epoch, at its end, after its first
    for (const double loss : losses(stop)) parts.push_back(loss);
  }
  EXPECT_EQ(parts, all);
  EXPECT_TRUE(folder_.read("net.ann") == folder_.read("whole.ann"));
  EXPECT_TRUE(losses().empty()) << "nothing is left to do";
  settings_.rate = 0.2;
  EXPECT_THAT(refusal(), HasSubstr("another training's"));
}

TEST_F(TrainerTest, WhatDoesNotFitTogetherIsRefused) {
  settings_.network = parse_network("783-10").value();
  EXPECT_THAT(refusal(), HasSubstr("samples have 784 numbers, the network 783-10 takes 783"));
  settings_.network = parse_network("784-9").value();
  EXPECT_THAT(refusal(), HasSubstr("10 classes, the network 9 outputs"));
  settings_.network = parse_network("784-10").value();
  settings_.batch = 481;
  EXPECT_THAT(refusal(), HasSubstr("a batch of 481 is more than the 480 samples"));
  settings_.batch = 32;
  settings_.memory_bytes = 1;
  EXPECT_THAT(refusal(), HasSubstr("are the least"));
}

TEST(TrainingSamplesTest, SomethingIsLearntAndSomethingHeldOut) {
  EXPECT_EQ(training_samples_of(10000, 0.2), 8000);
  EXPECT_EQ(training_samples_of(10000, 0), 10000);
  EXPECT_EQ(training_samples_of(3, 0.01), 2);
  EXPECT_EQ(training_samples_of(2, 0.9), 1);
  EXPECT_EQ(training_samples_of(1, 0.5), 1);
}

}  // namespace
