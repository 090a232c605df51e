// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <sys/resource.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "files.hpp"
#include "ooc_gemm/run/journal.hpp"
#include "ooc_gemm/run/run.hpp"

namespace {

using namespace ooc_gemm::tests;  // NOLINT(google-build-using-namespace)
using ooc_gemm::run::Job;
using ooc_gemm::run::Journal;
using ooc_gemm::run::journal_path;
using ooc_gemm::run::part_path;
using ooc_gemm::run::Progress;
using ooc_gemm::run::run;
using testing::AllOf;
using testing::HasSubstr;

// While it lives, no file of this process grows or is written beyond so many bytes.
class FileLimit {
 public:
  explicit FileLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit little{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &little);
  }
  ~FileLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    (void)std::signal(SIGXFSZ, handler_);
  }
  FileLimit(const FileLimit&) = delete;
  FileLimit& operator=(const FileLimit&) = delete;

 private:
  void (*handler_)(int);
  rlimit before_{};
};

class FailureTest : public testing::Test {
 protected:
  FailureTest() {
    std::mt19937 random(3);
    files_.make("a.npy", Element::F8, Order::C, 20, 10, random);
    files_.make("b.npy", Element::F8, Order::C, 10, 30, random);
    job_.a = files_.path("a.npy");
    job_.b = files_.path("b.npy");
    job_.c_out = files_.path("c.npy");
    job_.memory_bytes = 1600;
  }
  std::string refusal(const ooc_gemm::run::Callback& callback = nullptr) {
    const auto report = run(job_, callback);
    EXPECT_FALSE(std::filesystem::exists(job_.c_out)) << "something that looks like a result";
    return report ? "done" : report.error().message();
  }
  Files files_;
  Job job_;
};

TEST_F(FailureTest, ShapesAndTypes) {
  std::mt19937 random(4);
  std::swap(job_.a, job_.b);
  EXPECT_THAT(refusal(), AllOf(HasSubstr("b.npy 10 x 30 and"), HasSubstr("a.npy 20 x 10"),
                               HasSubstr("30 columns, 20 rows")));
  std::swap(job_.a, job_.b);
  job_.op_b = Operation::Transposed;
  EXPECT_THAT(refusal(), HasSubstr("b.npy transposed 30 x 10"));
  job_.op_b = Operation::None;
  files_.make("f4.npy", Element::F4, Order::C, 10, 30, random);
  job_.b = files_.path("f4.npy");
  EXPECT_THAT(refusal(), AllOf(HasSubstr("has type f8"), HasSubstr("f4.npy has f4")));
  job_.b = files_.path("b.npy");
  job_.alpha = Scalar(1, 1);
  EXPECT_THAT(refusal(), HasSubstr("is real"));
  job_.alpha = 1;
  job_.memory_bytes = 16;
  EXPECT_THAT(refusal(), HasSubstr("16 bytes is too small"));
  job_.memory_bytes = 1600;
  job_.beta = 1;
  job_.c_in = job_.a;
  EXPECT_THAT(refusal(), HasSubstr("is 20 x 10 f8, the product 20 x 30 f8"));
  files_.make("c0.npy", Element::F8, Order::Fortran, 20, 30, random);
  job_.c_in = files_.path("c0.npy");
  job_.order = Order::C;
  EXPECT_THAT(refusal(), HasSubstr("must be the output's"));
}

TEST_F(FailureTest, FilesThatAreNotThere) {
  job_.b = files_.path("none.npy");
  EXPECT_THAT(refusal(), HasSubstr("none.npy: cannot open: No such file"));
  job_.b = files_.path("b.npy");
  job_.c_out = files_.path("no/where/c.npy");
  EXPECT_THAT(refusal(), HasSubstr("c.npy.part: cannot create: No such file"));
  job_.c_out = "/proc/c.npy";
  EXPECT_THAT(refusal(), HasSubstr("/proc/c.npy.part: cannot create"));
}

TEST_F(FailureTest, InputThatChangesUnderneath) {
  // Two writes within a tick of the kernel's clock have one time.
  std::filesystem::last_write_time(
      job_.a, std::filesystem::last_write_time(job_.a) - std::chrono::seconds(1));
  const auto touch = [&](const Progress&) {
    std::fstream(job_.a, std::ios::in | std::ios::out | std::ios::binary).seekp(200).put('x');
    return true;
  };
  EXPECT_THAT(refusal(touch), AllOf(HasSubstr("a.npy"), HasSubstr("changed while it was read")));
  EXPECT_TRUE(Journal::read(journal_path(job_.c_out)).blocks.empty()) << "a block was counted";
}

TEST_F(FailureTest, InputThatIsCutUnderneath) {
  const auto cut = [&](const Progress&) {
    std::filesystem::resize_file(job_.b, 300);
    return true;
  };
  EXPECT_THAT(refusal(cut), AllOf(HasSubstr("b.npy: offset"),
                                  testing::AnyOf(HasSubstr("ends here"), HasSubstr("changed"))));
}

TEST_F(FailureTest, NoRoomForTheResult) {
  const FileLimit limit(1000);
  EXPECT_THAT(refusal(), AllOf(HasSubstr("c.npy.part: offset"), HasSubstr("File too large")));
  EXPECT_FALSE(std::filesystem::exists(part_path(job_.c_out)));
}

TEST_F(FailureTest, NoRoomWhileTheResultIsWritten) {
  for (const int64_t memory : {1600, 1 << 20}) {  // many blocks, and one
    job_.memory_bytes = memory;
    const auto begun = run(job_, [](const Progress&) { return false; });
    ASSERT_TRUE(begun.has_value() && begun->cancelled);
    // What was finished has to be done again.
    std::fstream part(part_path(job_.c_out), std::ios::in | std::ios::out | std::ios::binary);
    part.seekp(128).put('x');
    part.close();
    {
      const FileLimit limit(2000);
      EXPECT_THAT(refusal(), AllOf(HasSubstr("c.npy.part: offset"), HasSubstr("cannot write")));
    }
    ASSERT_TRUE(run(job_, nullptr).has_value());
    std::filesystem::remove(job_.c_out);
  }
}

TEST_F(FailureTest, ProductsLargerThanAnyFile) {
  // Files with holes: 8 GiB each by their size, none by what they take.
  constexpr int64_t kSide = int64_t{1} << 31;
  for (const char* name : {"column", "row"}) {
    std::ofstream(files_.path(name)).close();
    std::filesystem::resize_file(files_.path(name), 4 * kSide);
  }
  job_.a = files_.path("column") + "@2147483648x1:f4";
  job_.b = files_.path("row") + "@1x2147483648:f4";
  EXPECT_THAT(refusal(), HasSubstr("2147483648 x 2147483648 is too large"));
}

TEST_F(FailureTest, AFolderHasTheName) {
  std::filesystem::create_directory(job_.c_out);
  const auto report = run(job_, nullptr);
  ASSERT_FALSE(report.has_value());
  EXPECT_THAT(report.error().message(), HasSubstr("c.npy: not a regular file"));
  EXPECT_FALSE(std::filesystem::exists(part_path(job_.c_out)));
}

TEST_F(FailureTest, TheNameCannotBeGiven) {
  const auto take_the_name = [&](const Progress&) {
    std::filesystem::create_directory(job_.c_out);
    return true;
  };
  const auto report = run(job_, take_the_name);
  ASSERT_FALSE(report.has_value());
  EXPECT_THAT(report.error().message(), HasSubstr("c.npy: cannot rename"));
  // Nothing is lost, and the journal had said what was about to be.
  const auto noted = Journal::read(journal_path(job_.c_out));
  const auto part =
      ooc_gemm::storage::File::open(ooc_gemm::storage::parse_name(part_path(job_.c_out)).value());
  EXPECT_EQ(noted.renamed_inode, part->stamp().inode);
  std::filesystem::remove(job_.c_out);
  const auto again = run(job_, nullptr);
  ASSERT_TRUE(again.has_value()) << again.error().message();
  EXPECT_EQ(again->progress.blocks_kept, again->progress.blocks);
  EXPECT_TRUE(std::filesystem::exists(job_.c_out));
}

TEST_F(FailureTest, TheJournalCannotBeMade) {
  std::filesystem::create_directory(journal_path(job_.c_out));
  EXPECT_THAT(refusal(), HasSubstr("c.npy.part.journal: cannot create"));
  EXPECT_FALSE(std::filesystem::exists(journal_path(job_.c_out) + ".new"));
}

TEST_F(FailureTest, TwoRunsOfOneOutput) {
  std::string second;
  const auto again = [&](const Progress&) {
    if (second.empty()) second = refusal();
    return true;
  };
  EXPECT_TRUE(run(job_, again).has_value());
  EXPECT_THAT(second, HasSubstr("another run is writing it"));
}

}  // namespace
