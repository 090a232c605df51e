// SPDX-License-Identifier: Apache-2.0
// Random machines, graphs and interleavings of completions, failures and losses, checked against the model machine.
// BLASX_TEST_CASES=n runs n cases, BLASX_TEST_SEED=n starts with that one, BLASX_TEST_REPLAY=file runs what a failure
// printed.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <random>
#include <sstream>

#include "tests/blasx/schedule/replay.hpp"
#include "tests/blasx/schedule/scenario.hpp"
#include "tests/blasx/schedule/trial.hpp"

namespace blasx::schedule {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int64_t kCases = 10000;
#else
constexpr int64_t kCases = 200000;
#endif

int64_t environment(const char* name, int64_t otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr ? std::atoll(text) : otherwise;
}

Trouble random_trouble(std::mt19937_64& random) {
  constexpr double kFailure[] = {0, 0, 0, 0.01, 0.1};
  constexpr double kLoss[] = {0, 0, 0, 0.003, 0.03};
  return {kFailure[random() % 5], kLoss[random() % 5]};
}

using Make = Scenario (*)(std::mt19937_64&);

int64_t run_case(uint64_t seed, bool check, Make make) {
  std::mt19937_64 random(seed);
  const Scenario scenario = make(random);
  Trial trial(scenario, random_trouble(random));
  try {
    trial.run(random, check);
  } catch (const std::exception& e) {
    ADD_FAILURE() << e.what() << "\nreproduce: BLASX_TEST_CASES=1 BLASX_TEST_SEED=" << seed
                  << ", or BLASX_TEST_REPLAY=file with what follows\n"
                  << trial.report();
  }
  return static_cast<int64_t>(trial.events().size());
}

void run_cases(Make make, int64_t part) {
  // By number, so that every run is the same.
  const int64_t cases = std::max<int64_t>(1, environment("BLASX_TEST_CASES", kCases) / part);
  const auto first = static_cast<uint64_t>(environment("BLASX_TEST_SEED", 0));
  int64_t events = 0;
  for (int64_t i = 0; i < cases && !testing::Test::HasFailure(); ++i) {
    const uint64_t seed = first + static_cast<uint64_t>(i);
    events += run_case(seed, seed % 16 == 0 || cases == 1, make);
  }
  std::cout << cases << " cases, " << events << " events\n";
}

TEST(SchedulerProperties, EveryInterleavingEndsWithEveryTileWrittenOnce) {
  run_cases(random_scenario, 1);
}

// Each has some hundreds of events.
TEST(SchedulerProperties, TheSameOfBlocksThatAdvanceTogether) { run_cases(tight_scenario, 16); }

TEST(SchedulerProperties, GivenRun) {
  const char* file = std::getenv("BLASX_TEST_REPLAY");
  if (file == nullptr) GTEST_SKIP() << "BLASX_TEST_REPLAY names no file";
  std::stringstream text;
  text << std::ifstream(file).rdbuf();
  Trial trial(parse_scenario(text.str()), {1, 1});
  EXPECT_NO_THROW(trial.replay(parse_events(text.str())));
}

// The same events give the same commands: a run can be seen again from its text alone.
TEST(Replay, ARunIsSeenAgainFromItsText) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    std::mt19937_64 random(seed);
    const Scenario scenario = random_scenario(random);
    Trial first(scenario, random_trouble(random));
    first.run(random, false);
    Trial again(parse_scenario(first.report()), {1, 1});
    ASSERT_NO_THROW(again.replay(parse_events(first.report()))) << "seed " << seed;
    EXPECT_EQ(again.report(), first.report());
  }
}

TEST(Replay, TextAndEventsAgree) {
  const std::string text = "done 5\ndone 8 in 1200\nfailed 6 lost 1\nfailed 7\nlost 0\n";
  EXPECT_EQ(events_text(parse_events(text)), text);
}

}  // namespace
}  // namespace blasx::schedule
