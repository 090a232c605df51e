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

void Trial::settle() {
  size_t fastest = 0;
  for (size_t way = 1; way < ways_.size(); ++way) {
    if (median_of(way) < median_of(fastest)) fastest = way;
  }
  best_ = ways_[fastest];
  recorded_ = 0;
  rest_ = pause_;
  pause_ = std::min(2 * pause_, kLongestPause);
}

}  // namespace lpcoll::tune
