// SPDX-License-Identifier: Apache-2.0
#include "clients/isgd/method/chart.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace isgd {

Chart::Chart(int64_t n) : ring_(static_cast<size_t>(std::max<int64_t>(n, 1))) {}

bool Chart::push(double loss) {
  ring_[next_] = loss;
  next_ = (next_ + 1) % ring_.size();
  filled_ = std::min(filled_ + 1, static_cast<int64_t>(ring_.size()));
  // Anew each time: differences of running sums would drift, and ranks that resumed would differ from those that did not.
  const std::vector<double> all = losses();
  const auto count = static_cast<double>(all.size());
  mean_ = std::accumulate(all.begin(), all.end(), 0.0) / count;
  double squares = 0;
  for (const double x : all) squares += (x - mean_) * (x - mean_);
  deviation_ = std::sqrt(squares / count);
  return full() && loss > limit();
}

std::vector<double> Chart::losses() const {
  std::vector<double> all;
  all.reserve(static_cast<size_t>(filled_));
  const size_t size = ring_.size();
  for (auto i = static_cast<size_t>(filled_); i > 0; --i)
    all.push_back(ring_[(next_ + size - i) % size]);
  return all;
}

}  // namespace isgd
