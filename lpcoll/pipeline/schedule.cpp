// SPDX-License-Identifier: Apache-2.0
#include "lpcoll/pipeline/schedule.hpp"

#include <algorithm>
#include <numeric>

#include "common/check.hpp"

namespace lpcoll::pipeline {
namespace {

int64_t share(int64_t count, int64_t parts, int64_t i) {
  // count * i could pass 2^63 where count alone does not.
  return count / parts * i + std::min(i, count % parts);
}

int place_of(const std::vector<int>& circle, int rank) {
  return static_cast<int>(std::find(circle.begin(), circle.end(), rank) - circle.begin());
}

}  // namespace

Schedule::Schedule(const Shape& shape, int rank, std::span<const int> circle)
    : ranks_(shape.ranks), circle_(circle.begin(), circle.end()) {
  BLASX_CHECK(shape.chains >= 1 && shape.chains <= shape.ranks && shape.segment >= 1);
  BLASX_CHECK(shape.collective == Collective::Allreduce || shape.chains == 1);
  BLASX_CHECK(!shape.in_rank_order || shape.chains == 1);
  if (circle_.empty() || shape.in_rank_order) {
    circle_.resize(static_cast<size_t>(shape.ranks));
    std::iota(circle_.begin(), circle_.end(), 0);
    // Each rank combines its own with what comes from the next: x_i op (x_i+1 op ...).
    if (shape.in_rank_order) std::reverse(circle_.begin(), circle_.end());
  }
  if (shape.count == 0) return;
  const int64_t largest_part = share(shape.count, shape.chains, 1);
  segments_ = (largest_part + shape.segment - 1) / shape.segment;
  const int place = place_of(circle_, rank);
  for (int c = 0; c < shape.chains; ++c) {
    const int64_t begin = share(shape.count, shape.chains, c);
    add_chain(shape, c, place, begin, share(shape.count, shape.chains, c + 1) - begin);
  }
  std::vector<int32_t> order(turns_.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
    return turns_[static_cast<size_t>(a)].time < turns_[static_cast<size_t>(b)].time;
  });
  std::vector<int32_t> now(turns_.size());
  for (size_t i = 0; i < order.size(); ++i)
    now[static_cast<size_t>(order[i])] = static_cast<int32_t>(i);
  std::vector<Turn> sorted;
  for (const int32_t i : order) {
    sorted.push_back(turns_[static_cast<size_t>(i)]);
    if (sorted.back().after >= 0)
      sorted.back().after = now[static_cast<size_t>(sorted.back().after)];
  }
  turns_ = std::move(sorted);
}

void Schedule::add_chain(const Shape& shape, int chain, int place, int64_t begin, int64_t count) {
  const int64_t p = ranks_;
  const bool reduces = shape.collective != Collective::Bcast;
  int64_t first = share(p, shape.chains, chain);
  if (!shape.in_rank_order && shape.collective != Collective::Allreduce)
    first = place_of(circle_, shape.root) + (reduces ? 1 : 0);
  const int64_t t = (place - first % p + p) % p;
  const int64_t last = p - 1;
  const int next = at(place + 1), before = at(place + p - 1);

  if (shape.collective == Collective::Bcast) {
    turns_.push_back(
        {t == 0 ? -1 : before, t == last ? -1 : next, false, true, begin, count, -1, t});
    return;
  }
  const auto reducing = static_cast<int32_t>(turns_.size());
  const bool everywhere = shape.collective == Collective::Allreduce;
  // The last place has the result: it keeps it, begins the broadcast, or hands it to a root that stands elsewhere.
  int to = next;
  if (t == last && !(everywhere && p > 1)) to = at(place) == shape.root ? -1 : shape.root;
  turns_.push_back(
      {t == 0 ? -1 : before, to, t != 0, t == last && (everywhere || to < 0), begin, count, -1, t});
  if (everywhere && t != last) {
    turns_.push_back(
        {before, t + 1 == last ? -1 : next, false, true, begin, count, reducing, p + t});
  } else if (!everywhere && t != last && at(place) == shape.root && shape.in_rank_order) {
    turns_.push_back({at(first + last), -1, false, true, begin, count, reducing, p + t});
  }
}

Block Schedule::block(int64_t i) const {
  const Turn& turn = turns_[static_cast<size_t>(i / segments_)];
  const int64_t segment = i % segments_;
  const int64_t from = share(turn.count, segments_, segment);
  Block b;
  b.from = turn.from;
  b.to = turn.to;
  b.combine = turn.combine;
  b.final = turn.final;
  b.begin = turn.begin + from;
  b.count = share(turn.count, segments_, segment + 1) - from;
  b.after = turn.after < 0 ? -1 : turn.after * segments_ + segment;
  return b;
}

int64_t Schedule::largest() const {
  int64_t most = 0;
  for (const Turn& turn : turns_) most = std::max(most, turn.count);
  return segments_ == 0 ? 0 : (most + segments_ - 1) / segments_;
}

}  // namespace lpcoll::pipeline
