// SPDX-License-Identifier: Apache-2.0
#include "common/program/command_line.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace blasx {
namespace {

struct Said {
  std::optional<int> status;
  std::string out, err;
};

Said read(std::vector<std::string> words, int& edge) {
  CLI::App app("Measures tiles.");
  app.add_option("--edge", edge, "of a tile")->check(CLI::Range(1, 8));
  app.set_version_flag("--version", "tiles 1.2");
  words.insert(words.begin(), "/opt/bin/tiles");
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Said said;
  said.status = parse_command_line(app, static_cast<int>(argv.size()), argv.data());
  said.out = testing::internal::GetCapturedStdout();
  said.err = testing::internal::GetCapturedStderr();
  return said;
}

TEST(CommandLine, ReadsWhatIsRight) {
  int edge = 0;
  const Said said = read({"--edge", "7"}, edge);
  EXPECT_FALSE(said.status);
  EXPECT_EQ(edge, 7);
  EXPECT_EQ(said.out + said.err, "");
}

TEST(CommandLine, HelpAndVersionEndWell) {
  int edge = 0;
  const Said help = read({"--help"}, edge);
  EXPECT_EQ(help.status, 0);
  EXPECT_NE(help.out.find("Usage: tiles [OPTIONS]"), std::string::npos) << help.out;
  const Said version = read({"--version"}, edge);
  EXPECT_EQ(version.status, 0);
  EXPECT_EQ(version.out, "tiles 1.2\n");
  EXPECT_EQ(help.err + version.err, "");
}

TEST(CommandLine, WrongOnesAreOneLineAndStatus2) {
  for (const auto& words :
       std::vector<std::vector<std::string>>{{"--egde", "7"}, {"--edge", "9"}, {"--edge"}, {"7"}}) {
    int edge = 0;
    const Said said = read(words, edge);
    EXPECT_EQ(said.status, 2) << words[0];
    EXPECT_EQ(said.out, "");
    EXPECT_EQ(said.err.rfind("tiles: ", 0), 0U) << said.err;
    EXPECT_EQ(said.err.find('\n'), said.err.size() - 1) << said.err;
  }
}

}  // namespace
}  // namespace blasx
