// SPDX-License-Identifier: Apache-2.0
#include "blasx/tools/sim/report.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/blasx/sim/requests.hpp"

namespace blasx::tools::sim {
namespace {

using nlohmann::json;
using testing::HasSubstr;

Row row() {
  runtime::sim::Request r = runtime::sim::request("dgemm", 1000, 100, 2);
  r.keep_spans = true;
  Row row;
  row.machine = "<plain>";
  row.routine = "dgemm";
  row.m = row.n = row.k = 1000;
  row.speed_up = 1.9;
  row.outcome = runtime::sim::run(device::sim::plain_machine(2, true), r).value();
  return row;
}

TEST(Report, JsonSaysWhatTheOutcomeSays) {
  const Row r = row();
  const json line = json::parse(json_lines({r}));
  EXPECT_EQ(line["machine"], "<plain>");
  EXPECT_EQ(line["policy"], "blasx");
  EXPECT_DOUBLE_EQ(line["seconds"].get<double>(), r.outcome.seconds);
  EXPECT_EQ(line["devices"].size(), 2U);
  EXPECT_EQ(line["links"].size(), 8U);
  EXPECT_EQ(line["host_to_device_bytes"], r.outcome.traffic.home_to_device_bytes);
}

TEST(Report, TextHasTheFigures) {
  const Row r = row();
  EXPECT_THAT(table_text({r}), HasSubstr(" 1.90 "));
  const std::string detail = detail_text(r);
  EXPECT_THAT(detail, HasSubstr("gpu1"));
  EXPECT_THAT(detail, HasSubstr("home > gpu0"));
  EXPECT_THAT(detail, HasSubstr("of the least that this memory allows"));
}

size_t count(const std::string& text, const std::string& what) {
  size_t n = 0;
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++n;
  return n;
}

TEST(Report, PictureHasABarForEachDevice) {
  const std::string svg = gantt_svg(row());
  EXPECT_EQ(svg.rfind("<svg ", 0), 0U);
  EXPECT_THAT(svg, testing::EndsWith("</svg>\n"));
  EXPECT_THAT(svg, HasSubstr("&lt;plain>"));
  EXPECT_THAT(svg, HasSubstr("gpu1 copies out"));
  EXPECT_GE(count(svg, "fill=\"#4c78a8\""), 3U);  // the legend and a kernel on each device
  EXPECT_EQ(count(svg, "<text"), count(svg, "</text>"));
}

TEST(Report, TimelineHasEverySpan) {
  const Row r = row();
  const json timeline = json::parse(timeline_json(r));
  size_t events = 0;
  for (const json& event : timeline["traceEvents"]) events += event["ph"] == "X" ? 1U : 0U;
  EXPECT_EQ(events, r.outcome.spans.size());
}

}  // namespace
}  // namespace blasx::tools::sim
