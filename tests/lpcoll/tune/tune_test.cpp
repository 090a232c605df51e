// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "common/log.hpp"
#include "lpcoll/tune/choose.hpp"
#include "lpcoll/tune/crossings.hpp"
#include "lpcoll/tune/trial.hpp"

namespace lpcoll::tune {
namespace {

double time_of_chain(double bytes, int ranks, double segment, double alpha, double beta) {
  return (ranks - 2 + bytes / segment) * (alpha + segment * beta);
}

TEST(BestSegment, NoOtherIsFaster) {
  for (const int ranks : {3, 8, 64, 1024}) {
    const double bytes = 64 << 20, alpha = 2e-6, beta = 1e-10;
    const double best = best_segment(bytes, ranks, alpha, beta);
    const double least = time_of_chain(bytes, ranks, best, alpha, beta);
    for (const double factor : {0.5, 0.9, 1.1, 2.0})
      EXPECT_LT(least, time_of_chain(bytes, ranks, best * factor, alpha, beta)) << ranks;
    // T* = (sqrt((P-2) alpha) + sqrt(n beta))^2
    EXPECT_NEAR(least, std::pow(std::sqrt((ranks - 2) * alpha) + std::sqrt(bytes * beta), 2),
                1e-12 + least * 1e-9);
  }
}

TEST(Model, PredictionsAreNoLessThanTheBytesAndSumUpToTheFormulas) {
  const Link link = {2e-6, 1e-8, 1e-10};
  for (const int ranks : {2, 3, 8, 64}) {
    for (const double bytes : {1e5, 1e7}) {
      const double parts = 2.0 * (ranks - 1) / ranks;
      EXPECT_GT(chain_seconds(bytes, ranks, 3e4, link, false, 1), bytes * link.beta);
      EXPECT_GT(chain_seconds(bytes, ranks, 3e4, link, true, 1),
                chain_seconds(bytes, ranks, 3e4, link, false, 1));
      EXPECT_GT(chain_seconds(bytes, ranks, 3e4, link, true, 2), 2 * bytes * link.beta);
      EXPECT_GT(ring_seconds(bytes, ranks, 3e4, link), parts * bytes * link.beta);
      EXPECT_LT(ring_seconds(bytes, ranks, 3e4, {0, link.beta, 0}),
                parts * bytes * link.beta * 1.000001);
      EXPECT_NEAR(chain_seconds(bytes, ranks, 3e4, link, false, 1),
                  time_of_chain(bytes, ranks, 3e4, link.alpha, link.beta), 1e-12);
    }
  }
}

Facts facts(Collective collective, int64_t bytes, int ranks, int hosts) {
  return {collective, bytes, ranks, hosts, hosts == 1, {}};
}

TEST(Choose, WhereRanksAreDecides) {
  EXPECT_EQ(choose(facts(Collective::Bcast, 1 << 20, 4, 1), {}).transport, Transport::Shm);
  EXPECT_EQ(choose(facts(Collective::Bcast, 1 << 20, 4, 2), {}).transport, Transport::Mpi);
  EXPECT_EQ(choose(facts(Collective::Bcast, 1 << 20, 1, 1), {}).transport, Transport::None);
  Facts refused = facts(Collective::Bcast, 1 << 20, 4, 1);
  refused.node_ready = false;
  EXPECT_EQ(choose(refused, {}).transport, Transport::None);
}

TEST(Choose, SmallCallsGoUnderneath) {
  for (const int hosts : {1, 4}) {
    EXPECT_EQ(choose(facts(Collective::Allreduce, 1 << 13, 4, hosts), {}).transport,
              Transport::None);
    Settings all;
    all.crossover = 1;
    EXPECT_NE(choose(facts(Collective::Allreduce, kFloor, 4, hosts), all).transport,
              Transport::None);
    // What ranks know before they have agreed on settings is the floor alone.
    EXPECT_EQ(choose(facts(Collective::Allreduce, kFloor - 1, 4, hosts), all).transport,
              Transport::None);
  }
}

TEST(Choose, WhatWasMeasuredCounts) {
  Facts f = facts(Collective::Allreduce, 1 << 20, 4, 1);
  EXPECT_TRUE(wants_measuring(f, {}));
  f.measured.crossovers = {1 << 19, 1 << 21, 1 << 21};
  EXPECT_FALSE(wants_measuring(f, {}));
  EXPECT_EQ(choose(f, {}).transport, Transport::None);
  EXPECT_EQ(choose(f, {}).crossover, 1 << 21);
  f.collective = Collective::Reduce;
  EXPECT_EQ(choose(f, {}).transport, Transport::None);
  f.collective = Collective::Bcast;
  EXPECT_EQ(choose(f, {}).transport, Transport::Shm);
  Settings said;
  said.crossover = 1 << 14;
  f.collective = Collective::Allreduce;
  EXPECT_EQ(choose(f, said).transport, Transport::Shm);
}

TEST(Choose, OneCopyWhereRanksReachEachOtherAndItPays) {
  Facts f = facts(Collective::Bcast, 1 << 22, 4, 1);
  EXPECT_NE(choose(f, {}).way, NodeWay::Direct);
  f.node_reaches = true;
  EXPECT_EQ(choose(f, {}).way, NodeWay::Direct);
  f.bytes = int64_t{1} << 40;  // no cache holds it
  EXPECT_NE(choose(f, {}).way, NodeWay::Direct);
  f.bytes = 1 << 22;
  f.measured.crossovers = {1 << 17, 1 << 17, 1 << 17};
  f.measured.direct = {1 << 23, 1 << 22, kNever};
  EXPECT_NE(choose(f, {}).way, NodeWay::Direct);
  f.collective = Collective::Reduce;
  EXPECT_EQ(choose(f, {}).way, NodeWay::Direct);
  f.collective = Collective::Allreduce;
  EXPECT_NE(choose(f, {}).way, NodeWay::Direct);
  Settings said;
  said.copies = CopyBy::One;
  EXPECT_EQ(choose(f, said).way, NodeWay::Direct);
  f.node_reaches = false;
  EXPECT_NE(choose(f, said).way, NodeWay::Direct);
  said.copies = CopyBy::Two;
  f.node_reaches = true;
  f.collective = Collective::Reduce;
  EXPECT_NE(choose(f, said).way, NodeWay::Direct);
}

TEST(Choose, WaysToTryAreThoseThatMayBeFastest) {
  using Ways = std::vector<NodeWay>;
  Facts f = facts(Collective::Allreduce, 1 << 20, 4, 1);
  EXPECT_EQ(ways_to_try(f, {}), (Ways{NodeWay::Slots, NodeWay::Mpi}));
  f.bytes = 1 << 24;
  EXPECT_EQ(choose(f, {}).way, NodeWay::Streamed);
  EXPECT_EQ(ways_to_try(f, {}), (Ways{NodeWay::Slots, NodeWay::Streamed, NodeWay::Mpi}));
  f.node_reaches = true;
  EXPECT_EQ(ways_to_try(f, {}),
            (Ways{NodeWay::Slots, NodeWay::Streamed, NodeWay::Direct, NodeWay::Mpi}));
  Settings said;
  said.copies = CopyBy::One;
  EXPECT_EQ(ways_to_try(f, said), (Ways{NodeWay::Direct, NodeWay::Mpi}));
  said.copies = CopyBy::Two;
  EXPECT_EQ(ways_to_try(f, said), (Ways{NodeWay::Slots, NodeWay::Streamed, NodeWay::Mpi}));
  said.transport = Transport::Shm;
  EXPECT_EQ(ways_to_try(f, said), (Ways{NodeWay::Slots, NodeWay::Streamed}));
}

TEST(Choose, WaysAreTriedAlsoBelowAMeasuredCrossover) {
  Facts f = facts(Collective::Bcast, 1 << 20, 4, 1);
  f.measured.crossovers.bcast = 1 << 24;  // in a bad spell
  EXPECT_EQ(choose(f, {}).transport, Transport::None);
  EXPECT_EQ(tried_from(f, {}), assumed_crossovers(4, 1).bcast);
  f.node_ready = false;
  EXPECT_EQ(tried_from(f, {}), 0);
  f.node_ready = true;
  f.hosts = 2;
  EXPECT_EQ(tried_from(f, {}), 0);
  f.hosts = 1;
  Settings said;
  said.crossover = 1 << 22;
  EXPECT_EQ(tried_from(f, said), 0);
  said = {};
  said.transport = Transport::Shm;
  EXPECT_EQ(tried_from(f, said), 0);
  said = {};
  said.reproducible = 1;
  EXPECT_EQ(tried_from(f, said), 0);
}

// A call that takes what `seconds` says of its way.
template <typename Seconds>
Trial::Next one_call(Trial& trial, Seconds&& seconds) {
  const Trial::Next next = trial.next();
  if (!next.is_timed) {
    EXPECT_EQ(next.way, trial.best());
    return next;
  }
  trial.record(seconds(next.way));
  if (trial.is_over()) trial.settle();
  return next;
}

// Calls until so many have been timed; how many there were.
template <typename Seconds>
int call_until_timed(Trial& trial, int timed, Seconds&& seconds) {
  int calls = 0;
  for (; timed > 0; ++calls) timed -= one_call(trial, seconds).is_timed ? 1 : 0;
  return calls;
}

// How often each way is timed in so many calls.
template <typename Seconds>
std::map<NodeWay, int> timed_in(Trial& trial, int calls, Seconds&& seconds) {
  std::map<NodeWay, int> timed;
  for (; calls > 0; --calls) {
    const Trial::Next next = one_call(trial, seconds);
    if (next.is_timed) ++timed[next.way];
  }
  return timed;
}

TEST(Trial, FindsTheFastestWayAndLooksAgainMoreAndMoreSeldom) {
  Trial trial({NodeWay::Slots, NodeWay::Streamed, NodeWay::Direct}, NodeWay::Slots);
  EXPECT_EQ(trial.best(), NodeWay::Slots);
  NodeWay fastest = NodeWay::Direct;
  const auto seconds = [&](NodeWay way) { return way == fastest ? 1.0 : 1.1; };
  int before = call_until_timed(trial, 9, seconds);
  EXPECT_EQ(trial.best(), NodeWay::Direct);
  for (const NodeWay now : {NodeWay::Streamed, NodeWay::Slots, NodeWay::Direct}) {
    fastest = now;
    // Of nine times that are kept of each way, most are to be new.
    const int calls = call_until_timed(trial, 18, seconds);
    EXPECT_EQ(trial.best(), now);
    EXPECT_GT(calls, before + 10);
    before = calls;
  }
  for (int i = 0; i < 20; ++i) before = call_until_timed(trial, 9, seconds);
  EXPECT_LT(before, 5000);
}

TEST(Trial, OneTrialInABadSpellDecidesNothingBetweenNearWays) {
  Trial trial({NodeWay::Slots, NodeWay::Direct}, NodeWay::Slots);
  const auto seconds = [](NodeWay way) { return way == NodeWay::Slots ? 1.0 : 1.05; };
  call_until_timed(trial, 12, seconds);
  EXPECT_EQ(trial.best(), NodeWay::Slots);
  call_until_timed(trial, 6, [](NodeWay way) { return way == NodeWay::Slots ? 1.2 : 1.1; });
  EXPECT_EQ(trial.best(), NodeWay::Slots);
}

TEST(Trial, WhoHasClearlyLostIsTimedMoreSeldom) {
  Trial trial({NodeWay::Slots, NodeWay::Streamed, NodeWay::Direct, NodeWay::Mpi}, NodeWay::Slots);
  NodeWay fastest = NodeWay::Slots;
  const auto seconds = [&](NodeWay way) {
    if (way == fastest) return 1.0;
    return way == NodeWay::Direct && fastest == NodeWay::Slots ? 1.1 : 2.0;
  };
  // Trials are after 3, 32, 64, 128, ... calls.
  auto timed = timed_in(trial, 1100, seconds);
  EXPECT_EQ(timed[NodeWay::Slots], 6 * 3);
  EXPECT_EQ(timed[NodeWay::Direct], 6 * 3);
  EXPECT_EQ(timed[NodeWay::Streamed], 2 * 3);
  EXPECT_EQ(timed[NodeWay::Mpi], 2 * 3);
  EXPECT_EQ(trial.best(), NodeWay::Slots);
  // But not forgotten: what has become the fastest is found.
  fastest = NodeWay::Mpi;
  timed_in(trial, 4 * 2048, seconds);
  EXPECT_EQ(trial.best(), NodeWay::Mpi);
  fastest = NodeWay::Streamed;
  timed_in(trial, 4 * 2048, seconds);
  EXPECT_EQ(trial.best(), NodeWay::Streamed);
}

TEST(Trial, WhoHasOftenLostWinsAtOnceWhereItHasBecomeTheFastest) {
  Trial trial({NodeWay::Slots, NodeWay::Direct}, NodeWay::Slots);
  timed_in(trial, 50000, [](NodeWay way) { return way == NodeWay::Slots ? 1.0 : 2.0; });
  EXPECT_EQ(trial.best(), NodeWay::Slots);
  // No trial that it takes part in is farther away than four pauses.
  const auto timed =
      timed_in(trial, 4 * 2048 + 6, [](NodeWay way) { return way == NodeWay::Slots ? 1.0 : 0.5; });
  EXPECT_EQ(timed.at(NodeWay::Direct), 3);
  EXPECT_EQ(trial.best(), NodeWay::Direct);
}

TEST(Trial, WhoIsAloneIsNotTimed) {
  Trial trial({NodeWay::Slots, NodeWay::Mpi}, NodeWay::Slots);
  const auto timed = timed_in(trial, 3 + 6 + 32 + 64 + 128 + 256,
                              [](NodeWay way) { return way == NodeWay::Mpi ? 2.0 : 1.0; });
  EXPECT_EQ(timed, (std::map<NodeWay, int>{{NodeWay::Slots, 3}, {NodeWay::Mpi, 3}}));
  EXPECT_TRUE(trial.next().is_timed);
}

// Of a bad spell while the first were timed.
TEST(Trial, WhileMpisIsTheBestAllAreTimed) {
  Trial trial({NodeWay::Slots, NodeWay::Streamed, NodeWay::Mpi}, NodeWay::Mpi);
  timed_in(trial, 3 + 9, [](NodeWay way) { return way == NodeWay::Mpi ? 1.0 : 3.0; });
  EXPECT_EQ(trial.best(), NodeWay::Mpi);
  const auto timed = timed_in(trial, 32 + 9, [](NodeWay way) {
    return way == NodeWay::Mpi ? 1.0 : way == NodeWay::Slots ? 0.5 : 0.6;
  });
  EXPECT_EQ(timed.size(), 3U);
  EXPECT_EQ(trial.best(), NodeWay::Slots);
}

TEST(Trial, BetweenOursAndMpiItTakesAClearDifference) {
  double mpis = 1;
  const auto seconds = [&](NodeWay way) { return way == NodeWay::Mpi ? mpis : 1.0; };
  const auto best_after = [&](NodeWay first) {
    Trial trial({NodeWay::Slots, NodeWay::Mpi}, first);
    call_until_timed(trial, 6, seconds);
    return trial.best();
  };
  for (const double close : {0.85, 1.0, 1.2}) {
    mpis = close;
    EXPECT_EQ(best_after(NodeWay::Slots), NodeWay::Slots) << close;
    EXPECT_EQ(best_after(NodeWay::Mpi), NodeWay::Mpi) << close;
  }
  for (const auto& [far, best] : {std::pair(0.7, NodeWay::Mpi), std::pair(1.4, NodeWay::Slots)}) {
    mpis = far;
    EXPECT_EQ(best_after(NodeWay::Slots), best) << far;
    EXPECT_EQ(best_after(NodeWay::Mpi), best) << far;
  }
}

TEST(Trial, OneDisturbedCallDecidesNothing) {
  Trial trial({NodeWay::Slots, NodeWay::Direct}, NodeWay::Slots);
  int calls = 0;
  call_until_timed(trial, 6, [&](NodeWay way) {
    return calls++ == 1 ? 100.0 : way == NodeWay::Direct ? 1.0 : 2.0;
  });
  EXPECT_EQ(trial.best(), NodeWay::Direct);
}

TEST(Trial, WhatTheSlowestRankTookDecides) {
  Trial trial({NodeWay::Slots, NodeWay::Direct}, NodeWay::Direct);
  for (int timed = 0; timed < 6;) {
    if (const Trial::Next next = trial.next(); next.is_timed) {
      trial.record(next.way == NodeWay::Direct ? 1.0 : 2.0);
      ++timed;
    }
  }
  EXPECT_TRUE(trial.is_over());
  // Way by way in turns, as they were called.
  for (size_t i = 1; i < trial.times().size(); i += 2) trial.times()[i] = 3.0;
  trial.settle();
  EXPECT_EQ(trial.best(), NodeWay::Slots);
}

TEST(Trial, OfOneWayTimesNothing) {
  Trial trial({NodeWay::Direct}, NodeWay::Direct);
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(trial.next().is_timed);
}

TEST(Crossings, AreWhereNothingLosesAnyMore) {
  constexpr double kNone = std::numeric_limits<double>::infinity();
  const auto expect = [](std::vector<Timed> times, int64_t taken, int64_t direct) {
    const Crossings found = crossings_of(times);
    EXPECT_EQ(found.taken, taken);
    EXPECT_EQ(found.direct, direct);
  };
  expect({}, kNever, kNever);
  expect({{1, 5, kNone, 4}, {2, 5, kNone, 5.5}, {4, 5, kNone, 6}}, 2, kNever);
  expect({{1, 5, kNone, 4}, {2, 5, kNone, 5.1}, {4, 5, kNone, 6}}, 4, kNever);  // hardly wins
  expect({{1, 5, kNone, 6}, {2, 5, kNone, 4}, {4, 5, kNone, 6}}, 4, kNever);    // not the first
  expect({{1, 5, kNone, 6}, {2, 5, kNone, 4}}, kNever, kNever);
  expect({{1, 3, 4, 5}, {2, 7, 5, 6}, {4, 9, 6, 7}}, 1, 2);
  // One copy wins at first only, and so it is not taken; two copies lose there.
  expect({{1, 6, 4, 5}, {2, 4, 5, 6}}, 2, kNever);
}

TEST(Crossings, OfTwoMeasurementsTheBetterOfEachWay) {
  std::vector<Timed> times = {{1, 9, 3, 5}, {2, 4, 8, 6}, {4, 7, 7, 7}};
  const std::vector<Timed> again = {{1, 4, 6, 7}, {2, 5, 2, 3}};
  keep_best(times, again);
  EXPECT_EQ(times[0].slots, 4);
  EXPECT_EQ(times[0].direct, 3);
  EXPECT_EQ(times[0].mpis, 5);
  EXPECT_EQ(times[1].slots, 4);
  EXPECT_EQ(times[1].direct, 2);
  EXPECT_EQ(times[1].mpis, 3);
  EXPECT_EQ(times[2].slots, 7);
}

TEST(Choose, SetCostsStandBeforeMeasuredOnes) {
  Facts f = facts(Collective::Bcast, 1 << 24, 8, 8);
  EXPECT_EQ(link_of({}, {}).beta, kAssumedLink.beta);
  f.measured.link = {1e-6, 1 / 5e9, 1e-10};
  const int64_t measured = choose(f, {}).segment;
  EXPECT_GT(measured, choose(facts(Collective::Bcast, 1 << 24, 8, 8), {}).segment);
  Settings said;
  said.beta = 1 / 12e6;
  EXPECT_LT(choose(f, said).segment, measured);
  EXPECT_GT(predicted_seconds(f, choose(f, said), said), (1 << 24) / 12e6);
  EXPECT_EQ(predicted_seconds(facts(Collective::Bcast, 1 << 24, 8, 1), {}, {}), 0);
}

TEST(Choose, NothingIsMeasuredForCallsThatWouldNotNeedIt) {
  EXPECT_FALSE(wants_measuring(facts(Collective::Bcast, 1 << 13, 4, 1), {}));
  EXPECT_FALSE(wants_measuring(facts(Collective::Bcast, 1 << 24, 1, 1), {}));
  Facts refused = facts(Collective::Bcast, 1 << 24, 4, 1);
  refused.node_ready = false;
  EXPECT_FALSE(wants_measuring(refused, {}));
  Settings said;
  said.crossover = 1 << 14;
  EXPECT_FALSE(wants_measuring(facts(Collective::Bcast, 1 << 24, 4, 1), said));
  said = {};
  said.transport = Transport::Mpi;
  EXPECT_FALSE(wants_measuring(facts(Collective::Bcast, 1 << 24, 4, 1), said));
  said = {};
  said.reproducible = 1;
  EXPECT_FALSE(wants_measuring(facts(Collective::Allreduce, 1 << 24, 4, 2), said));
}

TEST(Choose, AnAllreduceIsARingUnlessItsOrderMatters) {
  EXPECT_EQ(choose(facts(Collective::Allreduce, 1 << 24, 6, 3), {}).chains, 6);
  EXPECT_EQ(choose(facts(Collective::Reduce, 1 << 24, 6, 3), {}).chains, 1);
  Settings ordered;
  ordered.reproducible = 1;
  for (const int hosts : {1, 3}) {
    for (const int64_t bytes : {int64_t{1} << 13, int64_t{1} << 24}) {
      const Choice choice = choose(facts(Collective::Allreduce, bytes, 6, hosts), ordered);
      EXPECT_EQ(choice.transport, Transport::Mpi);
      EXPECT_EQ(choice.chains, 1);
    }
  }
}

// Where the model says so: for messages that a chain of so many ranks would take longer over than over their bytes.
TEST(Choose, ManyRanksTakeTreesWhereAChainIsTooLong) {
  for (const Collective collective :
       {Collective::Bcast, Collective::Reduce, Collective::Allreduce}) {
    Facts f = facts(collective, 1 << 20, 1024, 1024);
    f.measured.link = {1e-6, 1 / 1.25e9, 1e-10, 10e-6};
    EXPECT_TRUE(choose(f, {}).trees);
    EXPECT_LT(predicted_seconds(f, choose(f, {}), {}),
              predicted_seconds(
                  f, forced(f, {}, collective == Collective::Allreduce ? 1024 : 1, false), {}) /
                  2);
    f.bytes = int64_t{1} << 34;
    EXPECT_FALSE(choose(f, {}).trees);
    f.bytes = 1 << 20;
    f.ranks = f.hosts = 8;
    EXPECT_FALSE(choose(f, {}).trees);
    f.ranks = f.hosts = 1024;
    Settings ordered;
    ordered.reproducible = 1;
    EXPECT_EQ(choose(f, ordered).trees, collective == Collective::Bcast);
    // Ranks that share a host share its port, which both trees cross.
    f = facts(collective, 1 << 24, 64, 8);
    f.measured.link = {1e-6, 1 / 1.25e9, 1e-10, 10e-6};
    EXPECT_FALSE(choose(f, {}).trees);
  }
}

TEST(Choose, SegmentsFollowTheSettingOrStayInReason) {
  Settings set;
  set.segment = 12345;
  EXPECT_EQ(choose(facts(Collective::Bcast, 1 << 24, 4, 4), set).segment, 12345);
  for (int64_t bytes = 1 << 16; bytes < int64_t{1} << 40; bytes *= 4) {
    const int64_t segment = choose(facts(Collective::Bcast, bytes, 4, 4), {}).segment;
    EXPECT_GE(segment, 4096);
    EXPECT_LE(segment, 1 << 20);
  }
  set.segment = 0;
  set.alpha = 1e300;  // no integer holds the segment that suits it
  EXPECT_GE(choose(facts(Collective::Bcast, 1 << 24, 4, 4), set).segment, 32 << 10);
}

class Environment : public testing::Test {
 protected:
  void SetUp() override {
    blasx::log::set_sink([](blasx::log::Level, std::string_view line,
                            void* out) { static_cast<std::string*>(out)->append(line); },
                         &said_);
  }
  void TearDown() override {
    blasx::log::set_sink(nullptr, nullptr);
    for (const char* name : {"LPCOLL_TRANSPORT", "LPCOLL_COPIES", "LPCOLL_CROSSOVER",
                             "LPCOLL_SEGMENT", "LPCOLL_REPRODUCIBLE", "LPCOLL_STATS"})
      unsetenv(name);
  }
  std::string said_;
};

TEST_F(Environment, IsRead) {
  setenv("LPCOLL_TRANSPORT", "mpi", 1);
  setenv("LPCOLL_COPIES", "1", 1);
  setenv("LPCOLL_CROSSOVER", "64K", 1);
  setenv("LPCOLL_SEGMENT", "auto", 1);
  setenv("LPCOLL_REPRODUCIBLE", "1", 1);
  setenv("LPCOLL_STATS", "0", 1);
  const Settings s = read_settings();
  EXPECT_EQ(s.transport, Transport::Mpi);
  EXPECT_EQ(s.copies, CopyBy::One);
  EXPECT_EQ(s.crossover, 64 << 10);
  EXPECT_EQ(s.segment, 0);
  EXPECT_EQ(s.reproducible, 1);
  EXPECT_EQ(s.stats, 0);
  EXPECT_EQ(said_, "");
}

TEST_F(Environment, WrongValuesAreNamedAndNotUsed) {
  for (const char* name : {"TRANSPORT", "COPIES", "CROSSOVER", "SEGMENT", "REPRODUCIBLE"}) {
    said_.clear();
    const std::string variable = std::string("LPCOLL_") + name;
    setenv(variable.c_str(), "17x", 1);
    const Settings s = read_settings();
    EXPECT_NE(said_.find(variable + "=17x"), std::string::npos) << said_;
    said_.clear();
    read_settings();  // as the next communicator does
    EXPECT_EQ(said_, "");
    unsetenv(variable.c_str());
    EXPECT_EQ(s.transport, Transport::Auto);
    EXPECT_EQ(s.crossover, 0);
    EXPECT_EQ(s.segment, 0);
    EXPECT_EQ(s.reproducible, 0);
  }
}

}  // namespace
}  // namespace lpcoll::tune
