// SPDX-License-Identifier: Apache-2.0
// The happens-before check alone, against plain loops and small histories.
#include "tests/fake_cuda/races.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

namespace blasx::fake_cuda {
namespace {

std::set<uintptr_t> bytes_of(const Range& r) {
  std::set<uintptr_t> bytes;
  for (size_t i = 0; i < r.rows; ++i) {
    for (size_t b = 0; b < r.width; ++b) bytes.insert(r.base + i * r.pitch + b);
  }
  return bytes;
}

TEST(Overlap, IsWhatTheBytesSay) {
  std::mt19937 random(3);
  const auto up_to = [&](unsigned n) { return random() % (n + 1); };
  int common = 0;
  constexpr int kTrials = 20000;
  for (int i = 0; i < kTrials; ++i) {
    Range a, b;
    for (Range* r : {&a, &b}) {
      r->base = 100 + up_to(30);
      r->width = up_to(5);
      r->pitch = r->width + up_to(6);
      r->rows = up_to(5);
    }
    const auto first = bytes_of(a), second = bytes_of(b);
    const bool expected = std::any_of(first.begin(), first.end(),
                                      [&](uintptr_t byte) { return second.contains(byte); });
    ASSERT_EQ(overlap(a, b), expected)
        << a.base << " " << a.pitch << " " << a.width << " " << a.rows << " and " << b.base << " "
        << b.pitch << " " << b.width << " " << b.rows;
    common += expected ? 1 : 0;
  }
  EXPECT_GT(common, kTrials / 10);
}

class History : public testing::Test {
 protected:
  // True if the operation races with an earlier one.
  bool races(size_t stream, uintptr_t base, bool write, const Clock& known = {}) {
    std::optional<Conflict> conflict;
    const std::vector<Access> accesses{{{base, 8, 8, 1}, write}};
    last = history.submit(stream, "operation", accesses, known, conflict);
    return conflict.has_value();
  }
  Races history;
  Clock last;
  size_t one = history.add_stream(), two = history.add_stream(), three = history.add_stream();
};

TEST_F(History, ReadsDoNotRace) {
  EXPECT_FALSE(races(one, 64, false));
  EXPECT_FALSE(races(two, 64, false));
}

TEST_F(History, AStreamKeepsItsOwnOrder) {
  EXPECT_FALSE(races(one, 64, true));
  EXPECT_FALSE(races(one, 64, true));
  EXPECT_FALSE(races(one, 60, false));
}

TEST_F(History, WhatIsNotOrderedRaces) {
  EXPECT_FALSE(races(one, 64, true));
  EXPECT_FALSE(races(two, 72, true)) << "beside it";
  EXPECT_TRUE(races(two, 71, false)) << "its last byte";
  EXPECT_TRUE(races(three, 64, true));
}

TEST_F(History, AnEventOrdersAndSoDoesAChainOfThem) {
  EXPECT_FALSE(races(one, 64, true));
  EXPECT_FALSE(races(two, 128, true, last));
  EXPECT_FALSE(races(three, 64, true, last)) << "by way of the second stream";
  EXPECT_FALSE(races(one, 200, true));
  const Clock early = last;
  EXPECT_FALSE(races(one, 208, true));
  EXPECT_TRUE(races(two, 208, false, early)) << "the event is older than the write";
}

TEST_F(History, WhatTheHostSawIsBeforeAllThatComes) {
  EXPECT_FALSE(races(one, 64, true));
  history.host_saw(last);
  EXPECT_FALSE(races(two, 64, true));
  EXPECT_TRUE(history.host_touches("cudaFree", {{60, 8, 8, 1}, true}).has_value());
  history.host_saw(last);
  EXPECT_FALSE(history.host_touches("cudaFree", {{60, 8, 8, 1}, true}).has_value());
}

TEST_F(History, OfADeadStreamIsForgotten) {
  EXPECT_FALSE(races(one, 64, true));
  history.drop(one);
  EXPECT_FALSE(races(two, 64, true));
}

}  // namespace
}  // namespace blasx::fake_cuda
