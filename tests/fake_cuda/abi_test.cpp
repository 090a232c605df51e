// SPDX-License-Identifier: Apache-2.0
// The stand-in's headers say what the toolkit's say.
#include <gtest/gtest.h>

#include "tests/fake_cuda/abi_table.hpp"

namespace blasx::fake_cuda {
namespace {

TEST(Abi, OursIsTheToolkits) {
  const AbiTable ours = abi_of_ours(), toolkit = abi_of_toolkit();
  EXPECT_GT(ours.size(), 150u);
  EXPECT_EQ(ours.size(), toolkit.size());
  for (const auto& [name, value] : toolkit) {
    const auto found = ours.find(name);
    ASSERT_NE(found, ours.end()) << name;
    EXPECT_EQ(found->second, value) << name;
  }
}

}  // namespace
}  // namespace blasx::fake_cuda
