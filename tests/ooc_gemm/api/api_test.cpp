// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <ooc_gemm/ooc_gemm.h>

#include <cstring>
#include <fstream>
#include <thread>

#include "files.hpp"

namespace {

using namespace ooc_gemm::tests;  // NOLINT(google-build-using-namespace)
using testing::HasSubstr;

class ApiTest : public testing::Test {
 protected:
  ApiTest() {
    a_ = files_.make("a.npy", Element::F8, Order::C, 40, 30, random_);
    b_ = files_.make("b.npy", Element::F8, Order::C, 30, 50, random_);
    job_.a = a_path_.c_str();
    job_.b = b_path_.c_str();
    job_.c_out = c_path_.c_str();
    job_.memory_bytes = 4000;
  }
  double error_of_result() {
    return worst_error(read_matrix(c_path_), a_, Operation::None, b_, Operation::None, 1, 0, {},
                       Element::F8);
  }
  std::mt19937 random_{4};
  Files files_;
  Matrix a_, b_;
  std::string a_path_ = files_.path("a.npy");
  std::string b_path_ = files_.path("b.npy");
  std::string c_path_ = files_.path("c.npy");
  ooc_gemm_job job_ = OOC_GEMM_JOB_INIT;
};

struct Seen {
  int calls = 0;
  int cancel_at = -1;
  ooc_gemm_progress last{};
};
int note(const ooc_gemm_progress* progress, void* context) {
  auto& seen = *static_cast<Seen*>(context);
  EXPECT_EQ(progress->size, sizeof(ooc_gemm_progress));
  EXPECT_GE(progress->operations_done, seen.last.operations_done);
  seen.last = *progress;
  return ++seen.calls == seen.cancel_at ? 1 : 0;
}

TEST_F(ApiTest, PlanSaysWhatTheRunThenMoves) {
  ooc_gemm_plan plan{};
  plan.size = sizeof(plan);
  ASSERT_EQ(ooc_gemm_make_plan(&job_, 1, &plan), OOC_GEMM_OK) << ooc_gemm_error();
  EXPECT_EQ(plan.m, 40);
  EXPECT_EQ(plan.n, 50);
  EXPECT_EQ(plan.k, 30);
  EXPECT_LE(plan.buffer_bytes, job_.memory_bytes);
  EXPECT_EQ(plan.operations, 2.0 * 40 * 50 * 30);
  EXPECT_GT(plan.total_s, 0);
  EXPECT_FALSE(std::filesystem::exists(c_path_ + ".part")) << "a plan writes nothing";

  Seen seen;
  ooc_gemm_progress last{};
  last.size = sizeof(last);
  ASSERT_EQ(ooc_gemm_run(&job_, note, &seen, &last), OOC_GEMM_OK) << ooc_gemm_error();
  EXPECT_EQ(seen.calls, plan.blocks * plan.panels);
  EXPECT_EQ(last.read_bytes, plan.read_bytes);
  EXPECT_EQ(last.written_bytes, plan.written_bytes);
  EXPECT_EQ(last.blocks_done, plan.blocks);
  EXPECT_LE(error_of_result(), 1);
}

TEST_F(ApiTest, CancelledRunsContinue) {
  Seen seen;
  seen.cancel_at = 20;
  EXPECT_EQ(ooc_gemm_run(&job_, note, &seen, nullptr), OOC_GEMM_CANCELLED);
  EXPECT_THAT(ooc_gemm_error(), HasSubstr("the same job continues"));
  EXPECT_FALSE(std::filesystem::exists(c_path_));
  ooc_gemm_progress last{};
  last.size = sizeof(last);
  ASSERT_EQ(ooc_gemm_run(&job_, nullptr, nullptr, &last), OOC_GEMM_OK);
  EXPECT_GT(last.blocks_kept, 0);
  EXPECT_LE(error_of_result(), 1);
}

TEST_F(ApiTest, VerifyTellsRightFromWrong) {
  ASSERT_EQ(ooc_gemm_run(&job_, nullptr, nullptr, nullptr), OOC_GEMM_OK);
  double worst = -1;
  EXPECT_EQ(ooc_gemm_verify(&job_, 7, &worst), OOC_GEMM_OK);
  EXPECT_LE(worst, 1);
  const double wrong = 3;
  std::fstream file(c_path_, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(128 + 8 * 50 * 17);
  file.write(reinterpret_cast<const char*>(&wrong), 8);
  file.close();
  EXPECT_EQ(ooc_gemm_verify(&job_, 7, &worst), OOC_GEMM_WRONG);
  EXPECT_GT(worst, 1);
  EXPECT_THAT(ooc_gemm_error(), HasSubstr("row 17 is wrong"));
}

TEST_F(ApiTest, EveryRefusalHasItsCodeAndWords) {
  ooc_gemm_plan plan{};
  plan.size = sizeof(plan);
  const auto refused = [&](int code, const char* words) {
    EXPECT_EQ(ooc_gemm_make_plan(&job_, 0, &plan), code);
    EXPECT_THAT(ooc_gemm_error(), HasSubstr(words));
    EXPECT_EQ(ooc_gemm_run(&job_, nullptr, nullptr, nullptr), code);
  };
  job_.op_a = 'X';
  refused(OOC_GEMM_INVALID, "N, T or C");
  job_.op_a = 'T';
  refused(OOC_GEMM_INVALID, "cannot be multiplied");
  job_.op_a = 'N';
  job_.order = 'R';
  refused(OOC_GEMM_INVALID, "order is C, F or 0");
  job_.order = 0;
  job_.threads = 1000;
  refused(OOC_GEMM_INVALID, "1 to 256");
  job_.threads = 0;
  job_.memory_bytes = 10;
  refused(OOC_GEMM_MEMORY, "10 bytes");
  job_.memory_bytes = 4000;
  job_.b = "/nowhere/b.npy";
  refused(OOC_GEMM_IO, "/nowhere/b.npy");
  job_.b = nullptr;
  refused(OOC_GEMM_INVALID, "a job needs");
  EXPECT_EQ(ooc_gemm_run(nullptr, nullptr, nullptr, nullptr), OOC_GEMM_INVALID);
}

TEST_F(ApiTest, AnErrorIsItsThreads) {
  job_.op_a = 'X';
  EXPECT_EQ(ooc_gemm_run(&job_, nullptr, nullptr, nullptr), OOC_GEMM_INVALID);
  std::thread([] { EXPECT_STREQ(ooc_gemm_error(), ""); }).join();
  EXPECT_STRNE(ooc_gemm_error(), "");
}

TEST_F(ApiTest, AnOlderProgramsStructureIsNotOverrun) {
  struct {
    ooc_gemm_plan plan;
    char after[8];
  } memory{};
  std::memset(&memory, 0x55, sizeof(memory));
  memory.plan.size = offsetof(ooc_gemm_plan, total_s);
  ASSERT_EQ(ooc_gemm_make_plan(&job_, 1, &memory.plan), OOC_GEMM_OK);
  EXPECT_EQ(memory.plan.size, offsetof(ooc_gemm_plan, total_s));
  EXPECT_EQ(memory.plan.m, 40);
  unsigned char byte = 0;
  std::memcpy(&byte, &memory.plan.total_s, 1);
  EXPECT_EQ(byte, 0x55);
}

}  // namespace
