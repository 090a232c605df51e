// SPDX-License-Identifier: Apache-2.0
#include "lpcoll/tune/trial.hpp"

#include <algorithm>
#include <utility>

namespace lpcoll::tune {
namespace {

// The first calls meet buffers and slots that nobody has touched yet.
constexpr int64_t kColdCalls = 3;
// Three times each: one disturbed call decides nothing.
constexpr size_t kRounds = 3;
// Calls between two trials. The slower ways' part in all calls is a few per cent at first and less each time.
constexpr int64_t kFirstPause = 32;
constexpr int64_t kLongestPause = 2048;
// Calls that are timed begin and end together, others follow one another, at which MPI's may be better or ours: between the two it
// takes a clear difference.
constexpr double kClearDifference = 0.8;

}  // namespace
Trial::Trial(std::vector<NodeWay> ways, NodeWay first)
    : ways_(std::move(ways)),
      best_(first),
      times_(kRounds * ways_.size()),
      rest_(kColdCalls),
      pause_(kFirstPause) {}

Trial::Next Trial::next() {
  if (ways_.size() == 1) return {best_, false};
  if (rest_ > 0) {
    --rest_;
    return {best_, false};
  }
  return {ways_[recorded_ % ways_.size()], true};
}

void Trial::record(double seconds_a_byte) { times_[recorded_++] = seconds_a_byte; }

double Trial::median_of(size_t way) const {
  std::vector<double> of_way;
  for (size_t at = way; at < times_.size(); at += ways_.size()) of_way.push_back(times_[at]);
  std::sort(of_way.begin(), of_way.end());
  return of_way[of_way.size() / 2];
}

size_t Trial::fastest_of_ours() const {
  size_t fastest = ways_.size();
  for (size_t way = 0; way < ways_.size(); ++way) {
    if (ways_[way] == NodeWay::Mpi) continue;
    if (fastest == ways_.size() || median_of(way) < median_of(fastest)) fastest = way;
  }
  return fastest;
}

void Trial::settle() {
  const auto mpi =
      static_cast<size_t>(std::find(ways_.begin(), ways_.end(), NodeWay::Mpi) - ways_.begin());
  const size_t ours = fastest_of_ours();
  if (mpi == ways_.size()) {
    best_ = ways_[ours];
  } else if (best_ == NodeWay::Mpi) {
    if (median_of(ours) < kClearDifference * median_of(mpi)) best_ = ways_[ours];
  } else {
    best_ = ways_[median_of(mpi) < kClearDifference * median_of(ours) ? mpi : ours];
  }
  recorded_ = 0;
  rest_ = pause_;
  pause_ = std::min(2 * pause_, kLongestPause);
}

}  // namespace lpcoll::tune
