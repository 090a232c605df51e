// SPDX-License-Identifier: Apache-2.0
#include "blasx/trace/record.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "blasx/trace/counters.hpp"
#include "blasx/trace/timeline.hpp"
#include "common/log.hpp"
#include "tests/blasx/trace/content_of.hpp"

namespace blasx::trace {
namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

CallRecord some_call() {
  CallRecord record;
  record.call.m = record.call.n = record.call.k = 10;
  record.start_ns = now_ns();
  record.end_ns = record.start_ns + 1000;
  return record;
}

class Record : public ::testing::Test {
 protected:
  void SetUp() override {
    renew_counters();
    renew_timeline();
    log::set_sink([](log::Level, std::string_view line,
                     void* context) { static_cast<std::string*>(context)->append(line) += '\n'; },
                  &said_);
  }
  void TearDown() override {
    log::set_sink(nullptr, nullptr);
    configure(config::Config{});
    std::remove(path_.c_str());
  }

  // The exit status of a forked child that ran `body`.
  template <typename Body>
  static int in_child(Body body) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(body() ? 0 : 1);
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  std::string said_;
  std::string path_ = ::testing::TempDir() + "record_test." + std::to_string(::getpid());
};

TEST_F(Record, IsSilentByDefault) {
  configure(config::Config{});
  EXPECT_EQ(active(), 0U);
  record_call(some_call());
  report_at_exit();
  EXPECT_EQ(said_, "");
  EXPECT_EQ(counters().snapshot().total().all_calls(), 1);
  EXPECT_EQ(timeline().event_count(), 0U);
}

TEST_F(Record, StatsTableAtExit) {
  config::Config config;
  config.stats = {.enabled = true, .printed = true, .path = {}};
  configure(config);
  EXPECT_EQ(active(), uint32_t{kStats});
  record_call(some_call());
  report_at_exit();
  EXPECT_TRUE(contains(said_, "libblasx: level-3 calls of ")) << said_;
  EXPECT_TRUE(contains(said_, "\ndgemm        1")) << said_;
}

TEST_F(Record, SaysWhenNoCallWasSeen) {
  config::Config config;
  config.stats = {.enabled = true, .printed = true, .path = {}};
  configure(config);
  report_at_exit();
  EXPECT_TRUE(contains(said_, "libblasx: no level-3 call was seen in ")) << said_;
}

TEST_F(Record, QuietStatsAreCountedOnly) {
  config::Config config;
  config.stats = {.enabled = true, .printed = false, .path = {}};
  configure(config);
  EXPECT_EQ(active(), uint32_t{kStats});
  record_call(some_call());
  report_at_exit();
  EXPECT_EQ(said_, "");
}

TEST_F(Record, StatsFile) {
  config::Config config;
  config.stats = {.enabled = true, .printed = true, .path = path_};
  configure(config);
  record_call(some_call());
  report_at_exit();
  EXPECT_EQ(said_, "");
  EXPECT_TRUE(contains(content_of(path_), "dgemm"));
}

TEST_F(Record, UnwritableStatsFileStillShowsTheTable) {
  config::Config config;
  config.stats = {.enabled = true, .printed = true, .path = "/nonexistent/stats"};
  configure(config);
  record_call(some_call());
  report_at_exit();
  EXPECT_TRUE(contains(said_,
                       "blasx: warning: /nonexistent/stats: cannot write the statistics: "
                       "No such file or directory; they follow here\n"))
      << said_;
  EXPECT_TRUE(contains(said_, "dgemm"));
}

TEST_F(Record, ExplainLines) {
  config::Config config;
  config.explain = true;
  configure(config);
  record_call(some_call());
  EXPECT_EQ(said_.rfind("{\"routine\":\"dgemm\",\"m\":10", 0), 0U) << said_;
}

TEST_F(Record, TraceFile) {
  config::Config config;
  config.trace = path_;
  configure(config);
  record_call(some_call());
  EXPECT_TRUE(flush());
  EXPECT_TRUE(contains(content_of(path_), "\"name\":\"dgemm\",\"cat\":\"host\""));
  record_call(some_call());
  report_at_exit();
  const std::string text = content_of(path_);
  EXPECT_NE(text.find("dgemm"), text.rfind("dgemm")) << "both calls are in the last file";
}

TEST_F(Record, UnwritableTraceWarns) {
  config::Config config;
  config.trace = "/nonexistent/t.json";
  configure(config);
  record_call(some_call());
  EXPECT_EQ(flush().code(), StatusCode::IoError);
  report_at_exit();
  EXPECT_TRUE(contains(said_, "blasx: warning: /nonexistent/t.json: cannot write the timeline"));
}

// A lock that a thread of the parent held at the fork stays locked in the child; the child must not
// meet it.
TEST_F(Record, ForkedChildCountsForItself) {
  config::Config config;
  config.stats = {.enabled = true, .printed = true, .path = {}};
  config.trace = path_;
  configure(config);
  record_call(some_call());
  EXPECT_EQ(in_child([&] {
              if (counters().snapshot().total().all_calls() != 0) return false;
              report_at_exit();  // nothing to say, nothing to write
              if (!said_.empty() || std::ifstream(path_).good()) return false;
              record_call(some_call());
              report_at_exit();
              const std::string own = path_ + "." + std::to_string(::getpid());
              const std::string text = content_of(own);
              const bool written =
                  contains(text, "dgemm") && text.find("dgemm") == text.rfind("dgemm");
              std::remove(own.c_str());
              return written && contains(said_, "\ndgemm        1") && !std::ifstream(path_).good();
            }),
            0);
  EXPECT_EQ(counters().snapshot().total().all_calls(), 1);
}

}  // namespace
}  // namespace blasx::trace
