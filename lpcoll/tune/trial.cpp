// SPDX-License-Identifier: Apache-2.0
#include "lpcoll/tune/trial.hpp"

#include <algorithm>

namespace lpcoll::tune {
namespace {

// The first calls meet buffers and slots that nobody has touched yet.
constexpr int64_t kColdCalls = 3;
// Three times each: one disturbed call decides nothing.
constexpr size_t kRounds = 3;
// What is kept of each way, those of three trials: ways that are nearly as fast are told apart by more than one of them.
constexpr size_t kKept = 3 * kRounds;
// Calls between two trials. The slower ways' part in all calls is a few per cent at first and less each time.
constexpr int64_t kFirstPause = 32;
constexpr int64_t kLongestPause = 2048;
// Calls that are timed begin and end together, others follow one another, at which MPI's may be better or ours: between the two it
// takes a clear difference.
constexpr double kClearDifference = 0.8;
// Trials that one who has clearly lost to one of ours sits out: calls in slower ways are what trials cost. With four ways an allreduce
// of 4 MiB, called some hundred times, took 3 per cent longer when all took part in all.
constexpr int kSitsOut = 3;

}  // namespace

Trial::Trial(const std::vector<NodeWay>& ways, NodeWay first)
    : best_(static_cast<size_t>(std::find(ways.begin(), ways.end(), first) - ways.begin())),
      rest_(kColdCalls),
      pause_(kFirstPause) {
  for (const NodeWay way : ways) ways_.push_back({way, {}});
  call_next();
}

Trial::Next Trial::next() {
  if (ways_.size() == 1) return {best(), false};
  if (rest_ > 0) {
    --rest_;
    return {best(), false};
  }
  return {ways_[in_turn_[recorded_ % in_turn_.size()]].way, true};
}

void Trial::record(double seconds_a_byte) { times_[recorded_++] = seconds_a_byte; }

// The lower one of an even number: what disturbs makes times longer.
double Trial::median_of(size_t way) const {
  std::vector<double> sorted = ways_[way].kept;
  std::sort(sorted.begin(), sorted.end());
  return sorted[(sorted.size() - 1) / 2];
}

bool Trial::is_clearly_slower(size_t way, size_t than) const {
  return median_of(than) < kClearDifference * median_of(way);
}

void Trial::keep_times() {
  for (size_t at = 0; at < times_.size(); ++at) {
    std::vector<double>& kept = ways_[in_turn_[at % in_turn_.size()]].kept;
    kept.push_back(times_[at]);
    if (kept.size() > kKept) kept.erase(kept.begin());
  }
}

// Of those whose turn it was.
size_t Trial::fastest() const {
  size_t ours = ways_.size(), mpi = ways_.size();
  for (const size_t way : in_turn_) {
    if (ways_[way].way == NodeWay::Mpi)
      mpi = way;
    else if (ours == ways_.size() || median_of(way) < median_of(ours))
      ours = way;
  }
  if (mpi == ways_.size()) return ours;
  if (best() == NodeWay::Mpi) return is_clearly_slower(mpi, ours) ? ours : mpi;
  return is_clearly_slower(ours, mpi) ? mpi : ours;
}

void Trial::sit_out_losers() {
  for (const size_t way : in_turn_) {
    Candidate& its = ways_[way];
    const bool has_lost = is_clearly_slower(way, best_);
    its.sits_out = has_lost ? kSitsOut : 0;
    if (has_lost) its.kept.clear();
  }
}

// What was left to MPI in a bad spell must not stay so: while its way is the best all take part.
void Trial::call_next() {
  in_turn_.clear();
  for (size_t way = 0; way < ways_.size(); ++way) {
    if (ways_[way].sits_out == 0 || best() == NodeWay::Mpi)
      in_turn_.push_back(way);
    else
      --ways_[way].sits_out;
  }
  times_.assign(kRounds * in_turn_.size(), 0);
  recorded_ = 0;
}

void Trial::settle() {
  keep_times();
  best_ = fastest();
  sit_out_losers();
  rest_ = 0;
  do {
    rest_ += pause_;
    pause_ = std::min(2 * pause_, kLongestPause);
    call_next();
  } while (in_turn_.size() == 1);  // who is alone has nobody to be compared with
}

}  // namespace lpcoll::tune
