// SPDX-License-Identifier: Apache-2.0
#include "blasx/tools/run_options.hpp"

#include <gtest/gtest.h>

namespace blasx::tools {
namespace {

using Words = std::vector<std::string>;
using Environment = std::vector<std::pair<std::string, std::string>>;

std::string refusal(const Words& words) {
  const auto options = parse_run_options(words);
  return options ? "accepted" : options.error().message();
}

TEST(RunOptions, SettingsBecomeVariables) {
  const auto options =
      parse_run_options({"--tile", "512", "--host-blas=libblis.so.4", "prog", "--tile", "x"});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->environment,
            (Environment{{"BLASX_TILE", "512"}, {"BLASX_HOST_BLAS", "libblis.so.4"}}));
  EXPECT_EQ(options->command, (Words{"prog", "--tile", "x"}));
}

TEST(RunOptions, SwitchesDoNotEatTheProgram) {
  const auto options = parse_run_options({"--stats", "--explain", "--deterministic", "prog"});
  ASSERT_TRUE(options);
  EXPECT_EQ(
      options->environment,
      (Environment{{"BLASX_STATS", "1"}, {"BLASX_EXPLAIN", "1"}, {"BLASX_DETERMINISTIC", "1"}}));
  EXPECT_EQ(options->command, Words{"prog"});
  EXPECT_EQ(parse_run_options({"--stats=s.txt", "prog"})->environment,
            (Environment{{"BLASX_STATS", "s.txt"}}));
}

TEST(RunOptions, TwoDashesEndOptions) {
  const auto options = parse_run_options({"--", "--odd-name", "-x"});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->command, (Words{"--odd-name", "-x"}));
}

TEST(RunOptions, OwnOptions) {
  EXPECT_TRUE(parse_run_options({"--help"})->help);
  EXPECT_TRUE(parse_run_options({"-h"})->help);
  EXPECT_TRUE(parse_run_options({"--version"})->version);
  EXPECT_TRUE(parse_run_options({"--dry-run", "p"})->dry_run);
  EXPECT_EQ(parse_run_options({"--library", "/l.so", "p"})->library, "/l.so");
  EXPECT_TRUE(parse_run_options({})->command.empty());
}

TEST(RunOptions, WrongOnesAreExplained) {
  EXPECT_EQ(refusal({"--tile", "17x", "prog"}),
            "--tile=17x: not a number; accepted auto or 8..16384");
  EXPECT_EQ(refusal({"--tiles", "8", "prog"}),
            "no such option: --tiles; `blasx-run --help` lists them");
  EXPECT_EQ(refusal({"--tile"}), "--tile needs a value");
  EXPECT_EQ(refusal({"--library"}), "--library needs a value");
  EXPECT_EQ(refusal({"--explain=maybe", "prog"}),
            "--explain=maybe: neither yes nor no; accepted 0 or 1");
}

TEST(RunOptions, HelpShowsEverySettingAndFits) {
  const std::string help = run_help();
  for (const config::OptionInfo& option : config::options()) {
    EXPECT_NE(help.find("  " + option_name(option)), std::string::npos) << option.name;
  }
  size_t line = 0;
  for (const char c : help) {
    line = c == '\n' ? 0 : line + 1;
    EXPECT_LE(line, 100U);
  }
}

TEST(RunOptions, PreloadGoesFirstAndOnce) {
  EXPECT_EQ(*preload_value("/l/libblasx.so", ""), "/l/libblasx.so");
  EXPECT_EQ(*preload_value("/l/libblasx.so", "/a.so"), "/l/libblasx.so:/a.so");
  EXPECT_EQ(*preload_value("/l/libblasx.so", "/l/libblasx.so:/a.so"), "/l/libblasx.so:/a.so");
  EXPECT_FALSE(preload_value("/with space/libblasx.so", ""));
  EXPECT_FALSE(preload_value("/with:colon/libblasx.so", ""));
}

}  // namespace
}  // namespace blasx::tools
