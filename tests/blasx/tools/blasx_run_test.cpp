// SPDX-License-Identifier: Apache-2.0
// blasx-run as users meet it: a process. BLASX_RUN is its path, BLASX_SOME_LIBRARY a library that
// can be preloaded.
#include <gtest/gtest.h>

#include "tests/blasx/tools/process.hpp"

namespace blasx::test {
namespace {

using Words = std::vector<std::string>;

Outcome blasx_run(const Words& arguments, const Words& variables = {}) {
  Words command{BLASX_RUN};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return run_process(command, variables);
}

Words with_library(const Words& arguments) {
  Words all{"--library", BLASX_SOME_LIBRARY};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return all;
}

TEST(BlasxRun, SetsVariablesPreloadsAndBecomesTheProgram) {
  const Outcome outcome = blasx_run(with_library(
      {"--tile=64", "--stats", "sh", "-c", "echo $BLASX_TILE $BLASX_STATS $LD_PRELOAD; exit 7"}));
  EXPECT_EQ(outcome.status, 7);
  EXPECT_EQ(outcome.out, "64 1 " BLASX_SOME_LIBRARY "\n");
  EXPECT_EQ(outcome.err, "");
}

TEST(BlasxRun, KeepsWhatWasPreloaded) {
  // A sanitized blasx-run is told that it is not the first to be loaded.
  const Outcome outcome =
      blasx_run(with_library({"sh", "-c", "echo $LD_PRELOAD"}),
                {"LD_PRELOAD=libm.so.6", "ASAN_OPTIONS=verify_asan_link_order=0"});
  EXPECT_EQ(outcome.out, BLASX_SOME_LIBRARY ":libm.so.6\n");
}

TEST(BlasxRun, PassesArgumentsUntouched) {
  EXPECT_EQ(blasx_run(with_library({"--", "printf", "%s|", "a b", "", "--tile"})).out,
            "a b||--tile|");
}

TEST(BlasxRun, HelpTeaches) {
  const Outcome outcome = blasx_run({"--help"});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.out.rfind("usage: blasx-run", 0), 0U);
  EXPECT_NE(outcome.out.find("blasx-run --stats python3"), std::string::npos);
  EXPECT_EQ(blasx_run({"--version"}).out.rfind("blasx-run ", 0), 0U);
}

TEST(BlasxRun, DryRunPrintsTheCommand) {
  const Outcome outcome = blasx_run(with_library({"--dry-run", "--tile", "8", "sh", "-c", "x"}));
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.out, "LD_PRELOAD=" BLASX_SOME_LIBRARY " BLASX_TILE=8 sh -c x\n");
}

TEST(BlasxRun, ErrorsAreOneClearLine) {
  const Outcome no_program = blasx_run({});
  EXPECT_EQ(no_program.status, 2);
  EXPECT_EQ(no_program.err, "blasx-run: no program is given; `blasx-run --help` shows examples\n");
  const Outcome bad_value = blasx_run({"--tile", "7", "sh"});
  EXPECT_EQ(bad_value.status, 2);
  EXPECT_EQ(bad_value.err, "blasx-run: --tile=7: too small; accepted auto or 8..16384\n");
  const Outcome no_library = blasx_run({"--library", "/none/libblasx.so", "sh"});
  EXPECT_EQ(no_library.status, 125);
  EXPECT_EQ(no_library.err, "blasx-run: /none/libblasx.so: No such file or directory\n");
  const Outcome not_found = blasx_run(with_library({"no-such-program-anywhere"}));
  EXPECT_EQ(not_found.status, 127);
  EXPECT_EQ(not_found.err, "blasx-run: no-such-program-anywhere: no such program\n");
  const Outcome cannot_run = blasx_run(with_library({"/etc/passwd"}));
  EXPECT_EQ(cannot_run.status, 126);
  EXPECT_EQ(cannot_run.err, "blasx-run: /etc/passwd: is not an executable file\n");
}

}  // namespace
}  // namespace blasx::test
