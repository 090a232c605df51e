// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "files.hpp"
#include "ooc_gemm/run/journal.hpp"
#include "ooc_gemm/run/run.hpp"

namespace {

using namespace ooc_gemm::tests;  // NOLINT(google-build-using-namespace)
using ooc_gemm::run::Job;
using ooc_gemm::run::journal_path;
using ooc_gemm::run::part_path;
using ooc_gemm::run::Progress;
using ooc_gemm::run::run;

class ContinueTest : public testing::Test {
 protected:
  ContinueTest() {
    std::mt19937 random(3);
    files_.make("a.npy", Element::F8, Order::C, 37, 29, random);
    files_.make("b.npy", Element::F8, Order::C, 29, 41, random);
    files_.make("c0.npy", Element::F8, Order::C, 37, 41, random);
    job_.a = files_.path("a.npy");
    job_.b = files_.path("b.npy");
    job_.c_in = files_.path("c0.npy");
    job_.beta = 0.5;
    job_.c_out = files_.path("c.npy");
    job_.memory_bytes = 2400;
  }
  // The bytes of an undisturbed run.
  std::string undisturbed() {
    Job job = job_;
    job.c_out = files_.path("undisturbed.npy");
    EXPECT_TRUE(run(job, nullptr).has_value());
    return bytes_of(job.c_out);
  }
  // Stops after so many panels.
  void interrupt(int panels) {
    const auto report = run(job_, [&](const Progress&) { return --panels > 0; });
    ASSERT_TRUE(report.has_value()) << report.error().message();
    ASSERT_TRUE(report->cancelled);
    EXPECT_FALSE(std::filesystem::exists(job_.c_out));
  }
  Files files_;
  Job job_;
};

TEST_F(ContinueTest, StoppedAgainAndAgain) {
  const std::string expected = undisturbed();
  int64_t kept = 0;
  int64_t blocks = 0;
  bool finished = false;
  for (int round = 0; round < 200 && !finished; ++round) {
    int panels = 40;
    const auto report = run(job_, [&](const Progress&) { return --panels > 0; });
    ASSERT_TRUE(report.has_value()) << report.error().message();
    EXPECT_EQ(report->progress.blocks_kept, blocks);  // no finished block again
    EXPECT_GE(report->progress.blocks_kept, kept);
    kept = report->progress.blocks_kept;
    blocks = kept + report->progress.blocks_done;
    finished = !report->cancelled;
    if (finished) {
      EXPECT_EQ(report->progress.moved, report->progress.planned);
    }
  }
  EXPECT_TRUE(finished);
  EXPECT_GT(kept, 3);
  EXPECT_TRUE(bytes_of(job_.c_out) == expected);
}

TEST_F(ContinueTest, DamagedBlocksAreDoneAgain) {
  const std::string expected = undisturbed();
  interrupt(100);
  const auto before = ooc_gemm::run::Journal::read(journal_path(job_.c_out));
  ASSERT_GT(before.blocks.size(), 1U);
  std::fstream part(part_path(job_.c_out), std::ios::in | std::ios::out | std::ios::binary);
  part.seekp(128);
  part.put('x');
  part.close();
  const auto report = run(job_, nullptr);
  ASSERT_TRUE(report.has_value());
  EXPECT_EQ(report->progress.blocks_kept, static_cast<int64_t>(before.blocks.size()) - 1);
  EXPECT_TRUE(bytes_of(job_.c_out) == expected);
}

TEST_F(ContinueTest, AFileThatWasCutOrHasAnotherHeaderBeginsAfresh) {
  const std::string expected = undisturbed();
  for (const bool cut : {true, false}) {
    interrupt(100);
    if (cut) {
      std::filesystem::resize_file(part_path(job_.c_out), 200);
    } else {
      std::fstream part(part_path(job_.c_out), std::ios::in | std::ios::out | std::ios::binary);
      part.seekp(20);
      part.put('x');
    }
    const auto report = run(job_, nullptr);
    ASSERT_TRUE(report.has_value()) << report.error().message();
    EXPECT_EQ(report->progress.blocks_kept, 0);
    EXPECT_TRUE(bytes_of(job_.c_out) == expected);
    std::filesystem::remove(job_.c_out);
  }
}

TEST_F(ContinueTest, AnotherProductBeginsAfresh) {
  interrupt(100);
  job_.alpha = 2;
  const auto report = run(job_, nullptr);
  ASSERT_TRUE(report.has_value());
  EXPECT_EQ(report->progress.blocks_kept, 0);
}

TEST_F(ContinueTest, ChangedInputBeginsAfresh) {
  const std::string first = undisturbed();
  interrupt(100);
  std::mt19937 random(99);
  std::filesystem::remove(job_.a);
  files_.make("a.npy", Element::F8, Order::C, 37, 29, random);
  const auto report = run(job_, nullptr);
  ASSERT_TRUE(report.has_value());
  EXPECT_EQ(report->progress.blocks_kept, 0);
  EXPECT_TRUE(bytes_of(job_.c_out) == undisturbed());
  EXPECT_FALSE(bytes_of(job_.c_out) == first);
}

TEST_F(ContinueTest, KilledBetweenNamingAndForgettingAddsOnce) {
  // In place: the old values are gone once the result has its name.
  job_.c_in.clear();
  job_.c_out = files_.path("c0.npy");
  std::string journal;
  const auto report = run(job_, [&](const Progress&) {
    journal = bytes_of(journal_path(job_.c_out));
    return true;
  });
  ASSERT_TRUE(report.has_value());
  const std::string expected = bytes_of(job_.c_out);
  // What the journal was just before it was forgotten.
  std::ofstream(journal_path(job_.c_out)) << journal;
  auto content = ooc_gemm::run::Journal::read(journal_path(job_.c_out));
  auto again =
      ooc_gemm::run::Journal::start(journal_path(job_.c_out), content.identity, content.blocks);
  ASSERT_TRUE(again.has_value());
  const auto file =
      ooc_gemm::storage::File::open(ooc_gemm::storage::parse_name(job_.c_out).value());
  ASSERT_TRUE(again->add_rename(file->stamp().inode).ok());
  const std::string noted = bytes_of(journal_path(job_.c_out));
  // The second time, a run was killed just after it had made its file.
  for (const bool empty_part : {false, true}) {
    std::ofstream(journal_path(job_.c_out)) << noted;
    if (empty_part) std::ofstream(part_path(job_.c_out)).close();
    const auto second = run(job_, nullptr);
    ASSERT_TRUE(second.has_value()) << second.error().message();
    EXPECT_TRUE(second->was_done);
    EXPECT_TRUE(bytes_of(job_.c_out) == expected);
  }
  EXPECT_FALSE(std::filesystem::exists(journal_path(job_.c_out)));
  EXPECT_FALSE(std::filesystem::exists(part_path(job_.c_out)));
}

}  // namespace
