// SPDX-License-Identifier: Apache-2.0
// What the program memsched is made of.
#include <gtest/gtest.h>

#include <algorithm>

#include "clients/memsched/tools/depth.hpp"
#include "clients/memsched/tools/ladder.hpp"
#include "clients/memsched/tools/picture.hpp"
#include "clients/memsched/tools/setting.hpp"
#include "clients/memsched/tools/text.hpp"
#include "clients/nn/error.hpp"

namespace {

namespace tools = memsched::tools;
using memsched::Options;
using memsched::Replay;
using memsched::Switches;

TEST(Setting, Bytes) {
  EXPECT_EQ(tools::parse_bytes("12G"), int64_t{12} << 30);
  EXPECT_EQ(tools::parse_bytes("1.5M"), 3 << 19);
  EXPECT_EQ(tools::parse_bytes("2KiB"), 2048);
  EXPECT_EQ(tools::parse_bytes("2TB"), int64_t{2} << 40);
  EXPECT_EQ(tools::parse_bytes("77"), 77);
  for (const char* text : {"", "G", "12Q", "-1G", "0", "12GiBs", "1e30", "12 G", "nan"})
    EXPECT_THROW((void)tools::parse_bytes(text), nn::Error) << text;
}

TEST(Setting, ParametersTakeTheirPart) {
  const tools::Memory memory{int64_t{1} << 30, 3};
  const auto setting = tools::make_setting("alexnet", 4, "", 1000, memory);
  EXPECT_EQ(setting.budget_bytes(), (int64_t{1} << 30) - 3 * 4 * int64_t{62'378'344});
  EXPECT_EQ(tools::make_setting("alexnet", 4, "", 1000, {}).budget_bytes(), 0);
  const auto small = tools::make_setting("alexnet", 4, "", 1000, {int64_t{700} << 20, 3});
  EXPECT_THROW((void)small.budget_bytes(), nn::Error);
}

TEST(Setting, Images) {
  const auto shape = [](const char* text) {
    return tools::make_setting("resnet18", 2, text, 10, {}).network.input();
  };
  EXPECT_EQ(shape("64"), (nn::graph::Shape{2, 3, 64, 64}));
  EXPECT_EQ(shape("1x64x96"), (nn::graph::Shape{2, 1, 64, 96}));
  EXPECT_EQ(shape(""), (nn::graph::Shape{2, 3, 224, 224}));
  for (const char* text : {"3x64", "x", "64x", "0", "3x64x64x64", "a"})
    EXPECT_THROW((void)shape(text), nn::Error) << text;
  EXPECT_THROW((void)tools::make_setting("resnet18", 0, "", 10, {}), nn::Error);
}

TEST(Ladder, EachRungTakesLess) {
  const auto setting = tools::make_setting("resnet50", 8, "", 1000, {});
  const auto rows = tools::ladder(setting, Replay::CostAware);
  ASSERT_EQ(rows.size(), 4U);
  for (size_t i = 1; i < rows.size(); ++i)
    EXPECT_LT(rows[i].outcome.schedule.value().peak_bytes,
              rows[i - 1].outcome.schedule.value().peak_bytes)
        << rows[i].name;
  // Nothing is formula and plan alike; the last rung is what the hungriest layer needs.
  EXPECT_EQ(rows[0].outcome.schedule->peak_bytes, rows[0].papers_peak);
  EXPECT_EQ(rows[3].outcome.schedule->peak_bytes, rows[3].papers_peak);
}

// SuperNeurons went 1920 / 592 = 3.2432 times deeper than the best of its time on 12 GB at batch 16.
TEST(Depth, ThreeTimesAsDeepAndMore) {
  const tools::Memory memory{int64_t{12} << 30, 3};
  const auto deepest = [&](const Switches& switches) {
    Options options;
    options.switches = switches;
    return tools::deepest(options, memory, 16, 224, [](int64_t) {});
  };
  const auto nothing = deepest({});
  const auto all = deepest(memsched::kAll);
  EXPECT_GE(static_cast<double>(all.depth), 3.2432 * static_cast<double>(nothing.depth));
  EXPECT_GE(all.depth, 1920);
  EXPECT_GT(nothing.depth, 50);
  EXPECT_EQ(nn::graph::resnet_depth(all.blocks), all.depth);
  EXPECT_FALSE(all.at_end);
}

TEST(Depth, NothingFits) {
  const auto found = tools::deepest({}, {int64_t{100} << 20, 3}, 16, 224, [](int64_t) {});
  EXPECT_EQ(found.depth, 0);
}

size_t count(const std::string& text, const std::string& what) {
  size_t times = 0;
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++times;
  return times;
}

TEST(Picture, ALineForEachPlan) {
  auto setting = tools::make_setting("alexnet", 8, "", 1000, {int64_t{2} << 30, 3});
  auto rows = tools::ladder(setting, Replay::CostAware);
  rows.push_back({"refused", {std::nullopt, "it does not fit"}, 0});
  const std::string svg = tools::picture(setting, rows);
  EXPECT_EQ(count(svg, "<polyline"), 4U);
  EXPECT_EQ(count(svg, "<svg"), 1U);
  EXPECT_EQ(count(svg, "</svg>"), 1U);
  EXPECT_EQ(count(svg, "<text"), count(svg, "</text>"));
  EXPECT_NE(svg.find("l_peak"), std::string::npos);
  EXPECT_EQ(svg.find("nan"), std::string::npos);
}

TEST(Text, TablesAreAligned) {
  const auto setting = tools::make_setting("alexnet", 200, "", 1000, {});
  const auto rows = tools::ladder(setting, Replay::CostAware);
  const std::string table = tools::ladder_table(rows, 0);
  const size_t width = table.find('\n');
  size_t lines = 0;
  for (size_t at = 0; at < table.size(); at = table.find('\n', at) + 1, ++lines)
    EXPECT_EQ(table.find('\n', at) - at, width) << table;
  EXPECT_EQ(lines, 5U);
  EXPECT_NE(table.find("886.23"), std::string::npos);
  const std::string steps = tools::step_table(setting, *rows[3].outcome.schedule);
  EXPECT_EQ(static_cast<int>(std::count(steps.begin(), steps.end(), '\n')),
            setting.network.steps() + 1);
  const std::string json = tools::json_of(setting, rows);
  EXPECT_NE(json.find("\"l_peak_bytes\":929280000"), std::string::npos) << json;
}

}  // namespace
