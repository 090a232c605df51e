// SPDX-License-Identifier: Apache-2.0
#include "ooc_gemm/run/journal.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "files.hpp"

namespace {

using ooc_gemm::run::Journal;
using ooc_gemm::tests::bytes_of;
using ooc_gemm::tests::Files;

TEST(JournalTest, WhatIsWrittenIsRead) {
  const Files files;
  const std::string path = files.path("journal");
  {
    auto journal = Journal::start(path, "what it is", {{7, 70}});
    ASSERT_TRUE(journal.has_value());
    EXPECT_TRUE(journal->add_block(3, 0xfedcba9876543210).ok());
    EXPECT_TRUE(journal->add_rename(12345).ok());
  }
  const auto content = Journal::read(path);
  EXPECT_EQ(content.identity, "what it is");
  EXPECT_EQ(content.blocks, (std::map<int64_t, uint64_t>{{7, 70}, {3, 0xfedcba9876543210}}));
  EXPECT_EQ(content.renamed_inode, 12345U);
}

TEST(JournalTest, EveryCutAndEveryWrongByteIsSafe) {
  const Files files;
  const std::string path = files.path("journal");
  {
    auto journal = Journal::start(path, "id", {});
    ASSERT_TRUE(journal.has_value());
    for (int64_t i = 0; i < 4; ++i)
      EXPECT_TRUE(journal->add_block(i, static_cast<uint64_t>(i) + 100).ok());
  }
  const std::string whole = bytes_of(path);
  for (size_t length = 0; length <= whole.size(); ++length) {
    std::ofstream(path) << whole.substr(0, length);
    for (const auto& [ordinal, sum] : Journal::read(path).blocks)
      EXPECT_EQ(sum, static_cast<uint64_t>(ordinal) + 100);
  }
  for (size_t at = 0; at < whole.size(); ++at) {
    std::string wrong = whole;
    wrong[at] = wrong[at] == '1' ? '2' : '1';
    std::ofstream(path) << wrong;
    const auto content = Journal::read(path);
    EXPECT_LT(content.blocks.size(), 4U);
    for (const auto& [ordinal, sum] : content.blocks)
      EXPECT_EQ(sum, static_cast<uint64_t>(ordinal) + 100);
  }
}

TEST(JournalTest, NoJournalIsEmpty) {
  const Files files;
  EXPECT_TRUE(Journal::read(files.path("none")).identity.empty());
  EXPECT_FALSE(Journal::start(files.path("no/where"), "", {}).has_value());
}

}  // namespace
