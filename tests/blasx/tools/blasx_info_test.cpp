// SPDX-License-Identifier: Apache-2.0
// blasx-info as users meet it: a process. BLASX_INFO is its path.
#include <gtest/gtest.h>

#include "tests/blasx/tools/process.hpp"

namespace blasx::test {
namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

const std::vector<std::string> kOwnWorld{"BLASX_CONFIG=/dev/null", "BLASX_CACHE_DIR=off"};

std::vector<std::string> own_world(const std::string& more) {
  std::vector<std::string> variables = kOwnWorld;
  variables.push_back(more);
  return variables;
}

TEST(BlasxInfo, ShowsEverySection) {
  const Outcome outcome = run_process({BLASX_INFO}, own_world("BLASX_DEVICES=cpu,host:2"));
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.err, "");
  for (const char* part : {"libblasx ", "\nMachine (as ", "\nHost BLAS\n", "32-bit integers",
                           "64-bit integers", "\nDevices\n", "  host:0 ", "  host:1 ", "  cpu ",
                           "\nMeasured rates\n", "\nConfiguration ", "cpu,host:2"}) {
    EXPECT_TRUE(contains(outcome.out, part)) << part << " in\n" << outcome.out;
  }
}

TEST(BlasxInfo, TellsWhereAValueCameFrom) {
  const Outcome outcome = run_process({BLASX_INFO, "--json"}, own_world("BLASX_STREAMS=2"));
  EXPECT_EQ(outcome.status, 0);
  EXPECT_TRUE(contains(outcome.out,
                       R"({"name":"STREAMS","value":"2","origin":"BLASX_STREAMS","default":"4"})"))
      << outcome.out;
  EXPECT_TRUE(contains(outcome.out, R"({"name":"VERBOSE","value":"0","origin":"default")"));
}

TEST(BlasxInfo, WrongValueWarnsOnce) {
  const Outcome outcome = run_process({BLASX_INFO}, own_world("BLASX_TILE=17x"));
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(
      outcome.err,
      "blasx: warning: BLASX_TILE=17x: not a number; accepted auto or 8..16384; using auto\n");
}

// What a machine file says is tested where it is measured (machine_test.cpp).
TEST(BlasxInfo, RefusesAMachineFileBeforeItMeasures) {
  const Outcome nowhere = run_process({BLASX_INFO, "--machine-file", "/nonexistent/m.json"},
                                      own_world("BLASX_DEVICES=host:2"));
  EXPECT_EQ(nowhere.status, 1);
  EXPECT_EQ(nowhere.err, "blasx-info: /nonexistent/m.json: cannot be written\n");
}

TEST(BlasxInfo, ExplainsTheSettings) {
  EXPECT_TRUE(contains(run_process({BLASX_INFO, "--variables"}).out, "BLASX_DEVICES\n    "));
  EXPECT_TRUE(
      contains(run_process({BLASX_INFO, "--variables", "markdown"}).out, "| `BLASX_TILE` |"));
  EXPECT_TRUE(contains(run_process({BLASX_INFO, "--variables", "man"}).out, ".B BLASX_TILE"));
  EXPECT_NE(run_process({BLASX_INFO, "--variables", "poem"}).status, 0);
}

}  // namespace
}  // namespace blasx::test
