// SPDX-License-Identifier: Apache-2.0
#include "bench/report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <sstream>

namespace blasx::bench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

Row row_of(const std::string& name, double ours_s, double peer_s) {
  Row row;
  row.name = name;
  row.group = "n=2048";
  row.operations = 1e9;
  const Attempt attempt{ours_s, peer_s, true};
  row.summary = summarise({&attempt, 1});
  return row;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

TEST(Report, GroupsHaveMeanAndLeast) {
  const std::vector<Row> rows{row_of("dgemm", 1, 2), row_of("dsymm", 1, 0.5)};
  EXPECT_THAT(group_lines(rows), ElementsAre("n=2048: geometric mean 1.000, least 0.500 (dsymm)"));
}

TEST(Report, RowsWithoutSamplesAreShownAndLeftOutOfTheMean) {
  Row none = row_of("dtrsm", 1, 1);
  none.summary = summarise({});
  none.summary.thrown = 4;
  Report report;
  report.rows = {row_of("dgemm", 1, 2), none};
  EXPECT_THAT(group_lines(report.rows), ElementsAre(HasSubstr("mean 2.000")));
  EXPECT_THAT(report.table(), HasSubstr("dtrsm"));
  EXPECT_THAT(report.json(), Not(HasSubstr("nan")));
}

TEST(Report, ColumnsAreAligned) {
  Report report;
  report.rows = {row_of("dgemm", 0.01, 0.02), row_of("a much longer name", 10, 20)};
  const std::vector<std::string> lines = lines_of(report.table());
  ASSERT_GE(lines.size(), 3u);
  EXPECT_EQ(lines[1].size(), lines[0].size());
  EXPECT_EQ(lines[2].size(), lines[0].size());
}

TEST(Report, SpeedIsOfOneCall) {
  Row row = row_of("dgemm", 2, 2);
  row.calls = 4;  // each takes half a second, so 2 GFLOP/s
  Report report;
  report.rows = {row};
  EXPECT_THAT(report.table(), HasSubstr(" 2.0 "));
  EXPECT_THAT(report.json(), HasSubstr("\"ours_s\":[0.5]"));
}

TEST(Report, BoundOfSinglePrecisionIsHalfTheTime) {
  Report report;
  report.rows = {row_of("dgemm", 1, 1), row_of("sgemm", 1, 1)};
  report.rows[1].operations_are_single = true;
  report.set_peak(4e9);
  EXPECT_DOUBLE_EQ(report.rows[0].bound_s, 0.25);
  EXPECT_DOUBLE_EQ(report.rows[1].bound_s, 0.125);
  EXPECT_THAT(report.json(), HasSubstr("\"ratio_to_bound\":0.25"));
}

TEST(Report, TimesAreReadable) {
  EXPECT_EQ(time_text(40e-9), "40.0 ns");
  EXPECT_EQ(time_text(-1.5e-6), "-1.50 us");
  EXPECT_EQ(time_text(0.0123), "12.30 ms");
  EXPECT_EQ(time_text(2), "2.000 s");
  EXPECT_EQ(time_text(NAN), "-");
}

}  // namespace
}  // namespace blasx::bench
