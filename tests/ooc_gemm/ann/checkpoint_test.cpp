// SPDX-License-Identifier: Apache-2.0
#include "ooc_gemm/ann/checkpoint.hpp"

#include <gmock/gmock.h>

#include "folder.hpp"

namespace {

using namespace ooc_gemm::ann;  // NOLINT(google-build-using-namespace)
using ooc_gemm::tests::Folder;
using testing::HasSubstr;

class CheckpointTest : public testing::Test {
 protected:
  Weights make() {
    return Weights::make(network_, make_budget({network_, 1, 1, 1}, 0).value(), "", pool_).value();
  }
  Folder folder_;
  std::string path_ = folder_.path("net.ann");
  Network network_ = parse_network("6-5-3").value();
  ooc_gemm::storage::Pool pool_{1};
};

TEST_F(CheckpointTest, WhatIsSavedIsLoadedWhateverThePanels) {
  Weights saved = make();
  ASSERT_TRUE(saved.fill(3).ok());
  saved.bias(2)[1] = 7;
  ASSERT_TRUE(save_checkpoint(path_, "what", 12, saved).ok());
  EXPECT_FALSE(std::filesystem::exists(path_ + ".new"));
  Budget budget;
  budget.weights_in_memory = false;
  budget.weight_bytes = static_cast<int64_t>(2) * 2 * 6 * 4;
  budget.panel_rows = {2, 1};
  Weights loaded = Weights::make(network_, budget, folder_.path(), pool_).value();
  EXPECT_EQ(load_checkpoint(path_, "what", loaded).value(), 12);
  EXPECT_EQ(loaded.bias(2)[1], 7);
  const std::string first = folder_.read("net.ann");
  ASSERT_TRUE(save_checkpoint(path_, "what", 12, loaded).ok());
  EXPECT_EQ(folder_.read("net.ann"), first);
}

TEST_F(CheckpointTest, EveryCutAndEveryWrongByteIsRefused) {
  Weights weights = make();
  ASSERT_TRUE(weights.fill(3).ok());
  ASSERT_TRUE(save_checkpoint(path_, "what", 12, weights).ok());
  const std::string whole = folder_.read("net.ann");
  for (size_t length = 0; length < whole.size(); ++length) {
    folder_.write("net.ann", whole.substr(0, length));
    ASSERT_FALSE(load_checkpoint(path_, "what", weights).has_value()) << length;
  }
  for (size_t at = 0; at < whole.size(); ++at) {
    std::string wrong = whole;
    wrong[at] = static_cast<char>(wrong[at] ^ 4);
    folder_.write("net.ann", wrong);
    const auto refused = load_checkpoint(path_, "what", weights);
    ASSERT_FALSE(refused.has_value()) << at;
    EXPECT_THAT(refused.error().message(), HasSubstr("net.ann: "));
  }
}

TEST_F(CheckpointTest, AnotherTrainingsIsRefusedAndAnUnwritablePlaceNamed) {
  Weights weights = make();
  ASSERT_TRUE(save_checkpoint(path_, "seed=1", 12, weights).ok());
  EXPECT_THAT(
      load_checkpoint(path_, "seed=2", weights).error().message(),
      testing::AllOf(HasSubstr("another training's"), HasSubstr("seed=1"), HasSubstr("seed=2")));
  EXPECT_THAT(save_checkpoint("/nowhere/net.ann", "what", 1, weights).message(),
              HasSubstr("/nowhere/net.ann.new: cannot create"));
}

}  // namespace
