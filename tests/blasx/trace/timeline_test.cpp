// SPDX-License-Identifier: Apache-2.0
#include "blasx/trace/timeline.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <thread>

#include "tests/blasx/trace/content_of.hpp"

namespace blasx::trace {
namespace {

TimelineEvent event_at(int64_t start_ns, int64_t end_ns) {
  TimelineEvent event;
  event.name = "fetch";
  event.category = "copy";
  event.pid = 1;
  event.tid = 2;
  event.start_ns = start_ns;
  event.end_ns = end_ns;
  return event;
}

TEST(Timeline, WritesWhatChromeReads) {
  Timeline timeline;
  timeline.enable(true);
  timeline.name_process(1, "host:0 \"quoted\"");
  timeline.name_thread(1, 2, "copies in");
  timeline.add(event_at(5000, 7500));
  TimelineEvent with_arguments = event_at(4000, 4001);
  with_arguments.arguments = {Argument{"tile", 3}, Argument{"bytes", 4096}};
  timeline.add(with_arguments);
  EXPECT_EQ(
      timeline.json(),
      R"({"displayTimeUnit":"ns","otherData":{"producer":"libblasx","dropped":0},"traceEvents":[)"
      "\n"
      R"({"ph":"M","name":"process_name","pid":1,"tid":0,"args":{"name":"host:0 \"quoted\""}},)"
      "\n"
      R"({"ph":"M","name":"thread_name","pid":1,"tid":2,"args":{"name":"copies in"}},)"
      "\n"
      R"({"ph":"X","name":"fetch","cat":"copy","pid":1,"tid":2,"ts":1.000,"dur":2.500},)"
      "\n"
      R"({"ph":"X","name":"fetch","cat":"copy","pid":1,"tid":2,"ts":0.000,"dur":0.001,)"
      R"("args":{"tile":3,"bytes":4096}})"
      "\n]}\n");
}

TEST(Timeline, TakesNothingUnlessEnabled) {
  Timeline timeline;
  timeline.add(event_at(0, 1));
  timeline.add(std::vector<TimelineEvent>{event_at(0, 1)});
  EXPECT_EQ(timeline.event_count(), 0U);
}

TEST(Timeline, StopsAtItsLimitAndSaysSo) {
  Timeline timeline(4);
  timeline.enable(true);
  timeline.add(std::vector<TimelineEvent>(3, event_at(0, 1)));
  timeline.add(std::vector<TimelineEvent>(3, event_at(0, 1)));
  timeline.add(event_at(0, 1));
  EXPECT_EQ(timeline.event_count(), 4U);
  EXPECT_NE(timeline.json().find("\"dropped\":3"), std::string::npos);
}

TEST(Timeline, WritesAWholeFileOrNone) {
  const std::string path = ::testing::TempDir() + "timeline_test.json";
  std::remove(path.c_str());
  Timeline timeline;
  timeline.enable(true);
  EXPECT_TRUE(timeline.write(path));
  EXPECT_FALSE(std::ifstream(path).good()) << "no event, no file";
  timeline.add(event_at(0, 1));
  EXPECT_TRUE(timeline.try_write(path));
  EXPECT_EQ(content_of(path), timeline.json());
  EXPECT_EQ(timeline.write("/nonexistent/t.json").code(), StatusCode::IoError);
  std::remove(path.c_str());
}

TEST(Timeline, CallersHaveNumbersOfTheirOwn) {
  const int32_t mine = caller_tid();
  int32_t other = 0;
  std::thread([&] { other = caller_tid(); }).join();
  EXPECT_EQ(caller_tid(), mine);
  EXPECT_NE(other, mine);
}

}  // namespace
}  // namespace blasx::trace
