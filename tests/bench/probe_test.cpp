// SPDX-License-Identifier: Apache-2.0
#include "bench/probe.hpp"

#include <gtest/gtest.h>

#include "bench/harness.hpp"
#include "bench/machine.hpp"

namespace blasx::bench {
namespace {

TEST(Probe, TwoCoresThatDoTheWorkOfOneAreNotGood) {
  EXPECT_TRUE(scales({50, 99}, 2, 50, 0.9));
  EXPECT_FALSE(scales({50, 51}, 2, 50, 0.9));
}

TEST(Probe, AMachineThatIsBusyAltogetherIsNotGoodEither) {
  // Both figures are halved by somebody else's work: their quotient looks perfect, the best lone rate tells.
  EXPECT_FALSE(scales({25, 50}, 2, 50, 0.9));
}

TEST(Probe, OneThreadNeedsNoProbe) {
  ScalingProbe probe(1);
  EXPECT_TRUE(probe.good());
  EXPECT_TRUE(probe.good());
  EXPECT_EQ(probe.results().size(), 1u);  // the first one measures the peak
  EXPECT_GT(probe.peak_operations_per_second(), 0);
}

TEST(Probe, EveryProbeIsKept) {
  ScalingProbe probe(2, 0.0);
  EXPECT_TRUE(probe.good());
  EXPECT_TRUE(probe.good());
  EXPECT_EQ(probe.results().size(), 2u);
}

TEST(Machine, FieldsOfProcFiles) {
  const std::string text = "processor\t: 0\nmodel name\t: Some CPU\nmodel\t\t: 17\n";
  EXPECT_EQ(field_of(text, "model name"), "Some CPU");
  EXPECT_EQ(field_of(text, "model"), "17");
  EXPECT_EQ(field_of(text, "cpu"), "");
}

TEST(Harness, BothSidesRunPreparedAndInTurn) {
  Settings settings;
  settings.samples = 3;
  settings.probe_part = 0;
  Harness harness("test", "none", settings);
  std::string order;
  Case what;
  what.name = "letters";
  what.ours = [&] { order += 'o'; };
  what.peer = [&] { order += 'p'; };
  what.prepare = [&] { order += '.'; };
  EXPECT_EQ(harness.run(what).summary.ours_s.size(), 3u);
  // A warm-up of each, then pairs with the first place changing hands.
  EXPECT_EQ(order,
            ".o.p"
            ".o.p"
            ".p.o"
            ".o.p");
}

TEST(Harness, CommandLinesCarryNoFolders) {
  const char* const arguments[] = {"/somewhere/bench_x", "--ours", "/else/where/lib.so", "3"};
  EXPECT_EQ(command_line(4, arguments), "bench_x --ours lib.so 3");
}

}  // namespace
}  // namespace blasx::bench
