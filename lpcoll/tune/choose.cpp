// SPDX-License-Identifier: Apache-2.0
#include "lpcoll/tune/choose.hpp"

#include <algorithm>

namespace lpcoll::tune {
namespace {

// Between 16 and 60 KiB no difference could be measured at 200 and 400 Mbit/s. Above 64 KiB, where Open MPI's messages over TCP begin to
// ask before they send, 16 MiB took 8 per cent longer; on links on which 64 KiB are nothing, more is allowed.
constexpr int64_t kLeastSegment = 8 << 10;
constexpr int64_t kMostSegment = 60 << 10;
constexpr int64_t kMostFastSegment = 256 << 10;
constexpr double kFastBeta = 1 / 1e9;

// Where trees end being better, measured on four hosts.
constexpr int64_t kCrossoverBetweenHosts = 64 << 10;
// Where the shared slots begin to win over the MPI underneath on an idle machine; for a broadcast to one other rank, whose single
// copy by the MPI is hard to beat, later.
constexpr int64_t kCrossoverOnANode = 128 << 10;
constexpr int64_t kCrossoverOfAPair = 1 << 20;

int64_t crossover_of(const Facts& facts) {
  const int64_t measured = facts.measured.crossovers.of(facts.collective);
  return measured != 0 ? measured
                       : assumed_crossovers(facts.ranks, facts.hosts).of(facts.collective);
}

// Where that was not measured: entering the kernel for each piece is paid for by then.
constexpr int64_t kDirectFrom = 512 << 10;
// What all ranks together read and write must fit into a last cache. Beyond that slots, which stay in it, win again: four ranks' sums of
// 16 MiB take a third longer in one copy.
constexpr int64_t kDirectTouches = int64_t{64} << 20;

// A last cache of ordinary size. What fits is better left there: 8 MiB broadcast to one rank took twice as long streamed; what does
// not fit gained a fifth to a third on one machine, and on another, with 480 MiB of cache, lost as much up to four times that.
constexpr int64_t kStreamedFrom = int64_t{32} << 20;

double touched_bytes(const Facts& facts) {
  const int buffers = facts.collective == Collective::Bcast    ? facts.ranks
                      : facts.collective == Collective::Reduce ? facts.ranks + 1
                                                               : 2 * facts.ranks;
  return static_cast<double>(buffers) * static_cast<double>(facts.bytes);
}

bool is_direct(const Facts& facts, const Settings& settings) {
  if (!facts.node_reaches || settings.copies == CopyBy::Two) return false;
  if (settings.copies == CopyBy::One) return true;
  const int64_t measured = facts.measured.direct.of(facts.collective);
  return facts.bytes >= (measured != 0 ? measured : kDirectFrom) &&
         touched_bytes(facts) < static_cast<double>(kDirectTouches);
}

NodeWay way_on_node(const Facts& facts, const Settings& settings) {
  if (is_direct(facts, settings)) return NodeWay::Direct;
  return touched_bytes(facts) >= static_cast<double>(kStreamedFrom) ? NodeWay::Streamed
                                                                    : NodeWay::Slots;
}

// A ring keeps all ports busy without small pieces; two a part let sums hide behind messages where they take longer than one more.
double ring_segment(double part, const Link& link) {
  return part * link.gamma / 2 > link.alpha ? part / 2 : part;
}

int64_t segment_of(const Facts& facts, int chains, bool trees, const Link& link) {
  const auto bytes = static_cast<double>(facts.bytes), part = bytes / chains;
  const double best = trees ? best_tree_segment(bytes, facts.ranks, link.alpha, link.beta)
                      : chains > 1 && chains == facts.ranks
                          ? ring_segment(part, link)
                          : best_segment(part, facts.ranks, link.alpha, link.beta);
  const int64_t most = link.beta > kFastBeta ? kMostSegment : kMostFastSegment;
  // Costs that somebody has set may ask for more than an integer holds.
  return best < static_cast<double>(most) ? std::max(static_cast<int64_t>(best), kLeastSegment)
                                          : most;
}

double seconds_of(const Facts& facts, const Choice& choice, const Link& link) {
  const auto bytes = static_cast<double>(facts.bytes),
             segment = static_cast<double>(choice.segment);
  if (choice.chains > 1) return ring_seconds(bytes, facts.ranks, segment, link);
  const bool reduces = facts.collective != Collective::Bcast;
  const int passes = facts.collective == Collective::Allreduce ? 2 : 1;
  if (!choice.trees) return chain_seconds(bytes, facts.ranks, segment, link, reduces, passes);
  // Where ranks share hosts each tree crosses into every host, and what a port carries doubles.
  Link crossed = link;
  if (facts.hosts < facts.ranks) crossed.beta *= 2;
  return trees_seconds(bytes, facts.ranks, segment, crossed, reduces, passes);
}

}  // namespace

Crossovers assumed_crossovers(int ranks, int hosts) {
  if (hosts > 1) return {kCrossoverBetweenHosts, kCrossoverBetweenHosts, kCrossoverBetweenHosts};
  return {ranks == 2 ? kCrossoverOfAPair : kCrossoverOnANode, kCrossoverOnANode, kCrossoverOnANode};
}

bool wants_measuring(const Facts& facts, const Settings& settings) {
  return settings.transport == Transport::Auto && settings.crossover == 0 &&
         settings.reproducible == 0 && facts.ranks > 1 &&
         facts.measured.crossovers.of(facts.collective) == 0 &&
         facts.bytes >= crossover_of(facts) && (facts.hosts > 1 || facts.node_ready);
}

Link link_of(const Link& measured, const Settings& settings) {
  Link link = measured.beta > 0 ? measured : kAssumedLink;
  if (settings.alpha > 0) {
    link.alpha = settings.alpha;
    link.latency = 0;
  }
  if (settings.beta > 0) link.beta = settings.beta;
  if (settings.gamma > 0) link.gamma = settings.gamma;
  return link;
}

double predicted_seconds(const Facts& facts, const Choice& choice, const Settings& settings) {
  if (choice.transport != Transport::Mpi) return 0;
  return seconds_of(facts, choice, link_of(facts.measured.link, settings));
}

Choice forced(const Facts& facts, const Settings& settings, int chains, bool trees) {
  Choice choice;
  choice.transport = Transport::Mpi;
  choice.chains = chains;
  choice.trees = trees;
  choice.segment = settings.segment != 0
                       ? settings.segment
                       : segment_of(facts, chains, trees, link_of(facts.measured.link, settings));
  choice.reason = "forced";
  return choice;
}

Choice choose(const Facts& facts, const Settings& settings) {
  const bool reproducible = settings.reproducible != 0 && facts.collective != Collective::Bcast;
  if (settings.transport == Transport::None) return {.reason = "LPCOLL_TRANSPORT=none"};
  if (facts.ranks < 2) return {.reason = "one rank"};
  Choice choice;
  choice.transport = settings.transport;
  if (choice.transport == Transport::Auto)
    choice.transport = facts.hosts > 1 || reproducible ? Transport::Mpi : Transport::Shm;
  if (choice.transport == Transport::Shm && !facts.node_ready)
    return {.reason = "no memory shared by all ranks"};
  choice.crossover = std::max(kFloor, reproducible              ? kFloor
                                      : settings.crossover != 0 ? settings.crossover
                                                                : crossover_of(facts));
  if (facts.bytes < choice.crossover)
    return {.crossover = choice.crossover, .reason = "below the crossover"};
  const bool ring = facts.collective == Collective::Allreduce && !reproducible;
  choice.reason = reproducible ? "LPCOLL_REPRODUCIBLE: the order of the ranks"
                  : settings.transport != Transport::Auto ? "LPCOLL_TRANSPORT says so"
                  : choice.transport == Transport::Shm    ? "all ranks on one host"
                  : ring ? "several hosts: all ports busy both ways"
                         : "several hosts: each byte crosses a port once";
  const auto by = [&](int chains, bool trees, const char* reason) {
    Choice way = forced(facts, settings, chains, trees);
    way.transport = choice.transport;
    way.crossover = choice.crossover;
    if (choice.transport == Transport::Shm) way.way = way_on_node(facts, settings);
    way.reason = reason;
    return way;
  };
  choice = by(ring ? facts.ranks : 1, false, choice.reason);
  if (choice.transport != Transport::Mpi || reproducible) return choice;
  const Choice trees = by(1, true, "several hosts: a chain would be too long for the message");
  // What the model says to be a little better is not worth as many more connections.
  constexpr double kClearly = 0.9;
  return predicted_seconds(facts, trees, settings) <
                 kClearly * predicted_seconds(facts, choice, settings)
             ? trees
             : choice;
}

std::vector<NodeWay> ways_to_try(const Facts& facts, const Settings& settings) {
  std::vector<NodeWay> ways;
  const bool may_be_direct = facts.node_reaches && settings.copies != CopyBy::Two;
  if (!may_be_direct || settings.copies != CopyBy::One) {
    ways.push_back(NodeWay::Slots);
    if (touched_bytes(facts) >= static_cast<double>(kStreamedFrom))
      ways.push_back(NodeWay::Streamed);
  }
  if (may_be_direct) ways.push_back(NodeWay::Direct);
  if (tried_from(facts, settings) > 0) ways.push_back(NodeWay::Mpi);
  return ways;
}

int64_t tried_from(const Facts& facts, const Settings& settings) {
  const bool free_to_choose = settings.transport == Transport::Auto && settings.crossover == 0 &&
                              settings.reproducible == 0;
  if (!free_to_choose || facts.hosts > 1 || facts.ranks < 2 || !facts.node_ready) return 0;
  return assumed_crossovers(facts.ranks, facts.hosts).of(facts.collective);
}

}  // namespace lpcoll::tune
