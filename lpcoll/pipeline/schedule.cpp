// SPDX-License-Identifier: Apache-2.0
#include "lpcoll/pipeline/schedule.hpp"

#include <algorithm>
#include <numeric>

#include "common/check.hpp"
#include "lpcoll/pipeline/tree.hpp"

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
  BLASX_CHECK(!shape.in_rank_order || (shape.chains == 1 && shape.tree < 0));
  if (circle_.empty() || shape.in_rank_order) {
    circle_.resize(static_cast<size_t>(shape.ranks));
    std::iota(circle_.begin(), circle_.end(), 0);
    // Each rank combines its own with what comes from the next: x_i op (x_i+1 op ...).
    if (shape.in_rank_order) std::reverse(circle_.begin(), circle_.end());
  }
  if (shape.count == 0) return;
  in_tree_ = shape.tree >= 0;
  const int64_t largest_part =
      in_tree_ ? share(shape.count, 2, shape.tree + 1) - share(shape.count, 2, shape.tree)
               : share(shape.count, shape.chains, 1);
  segments_ = (largest_part + shape.segment - 1) / shape.segment;
  const int place = place_of(circle_, rank);
  if (in_tree_) {
    if (segments_ == 0) return;
    const int64_t root =
        shape.collective == Collective::Allreduce ? 0 : place_of(circle_, shape.root);
    const int64_t node = (place - root + ranks_) % ranks_;
    add_tree(shape, node, root);
    constexpr int64_t kLagAnEdge = 3;
    lag_ = shape.collective == Collective::Reduce
               ? segments_
               : kLagAnEdge * tree_level(shape.tree, ranks_ - 1, node);
    if (ups_ == 0) lag_ = 0;
    return;
  }
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

void Schedule::add_tree(const Shape& shape, int64_t node, int64_t root_place) {
  const TreeNode family = tree_node(shape.tree, ranks_ - 1, node);
  const auto rank_of = [&](int64_t other) { return other < 0 ? -1 : at(root_place + other); };
  const int parent = rank_of(family.parent), first = rank_of(family.first),
            second = rank_of(family.second);
  Turn turn = {};
  turn.to = parent;
  turn.begin = share(shape.count, 2, shape.tree);
  turn.count = share(shape.count, 2, shape.tree + 1) - turn.begin;
  turn.after = -1;
  if (shape.collective != Collective::Bcast) {
    // The second child has the smaller tree and is ready first.
    if (second >= 0) {
      Turn half = turn;
      half.from = second;
      half.to = -1;
      half.combine = true;
      turns_.push_back(half);
      turn.second = true;
    }
    turn.from = first;
    turn.combine = first >= 0;
    turn.final = parent < 0;
    turns_.push_back(turn);
  }
  ups_ = static_cast<int64_t>(turns_.size());
  if (shape.collective == Collective::Reduce) return;
  turn.from = parent;
  turn.to = first;
  turn.combine = turn.second = false;
  turn.final = parent >= 0;
  turn.from_result = parent < 0;
  turn.after = static_cast<int32_t>(ups_) - 1;  // comes down over what the rank has sent up
  turns_.push_back(turn);
  if (second < 0) return;
  turn.from = -1;
  turn.to = second;
  turn.final = false;
  turn.from_result = true;
  turn.after = -1;
  turns_.push_back(turn);
}

Schedule::Position Schedule::position(int64_t i) const {
  if (!in_tree_) return {i / segments_, i % segments_};
  const auto all = static_cast<int64_t>(turns_.size());
  const int64_t before = std::min(lag_, segments_), both = segments_ - before;
  if (i < before * ups_) return {i % ups_, i / ups_};
  i -= before * ups_;
  if (i < both * all) return {i % all, i / all + (i % all < ups_ ? before : 0)};
  i -= both * all;
  return {ups_ + i % (all - ups_), both + i / (all - ups_)};
}

// Of a turn that goes up, or of a chain.
int64_t Schedule::index(int64_t turn, int64_t segment) const {
  if (!in_tree_) return turn * segments_ + segment;
  const int64_t before = std::min(lag_, segments_);
  if (segment < before) return segment * ups_ + turn;
  return before * ups_ + (segment - before) * static_cast<int64_t>(turns_.size()) + turn;
}

Block Schedule::block(int64_t i) const {
  const auto [at, segment] = position(i);
  const Turn& turn = turns_[static_cast<size_t>(at)];
  const int64_t from = share(turn.count, segments_, segment);
  Block b;
  b.from = turn.from;
  b.to = turn.to;
  b.combine = turn.combine;
  b.final = turn.final;
  b.begin = turn.begin + from;
  b.count = share(turn.count, segments_, segment + 1) - from;
  b.second = turn.second;
  b.from_result = turn.from_result;
  b.after = turn.after < 0 ? -1 : index(turn.after, segment);
  return b;
}

int64_t Schedule::largest() const {
  int64_t most = 0;
  for (const Turn& turn : turns_) most = std::max(most, turn.count);
  return segments_ == 0 ? 0 : (most + segments_ - 1) / segments_;
}

}  // namespace lpcoll::pipeline
