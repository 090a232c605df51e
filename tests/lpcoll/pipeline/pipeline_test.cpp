// SPDX-License-Identifier: Apache-2.0
// All ranks of a collective in one thread, in random turns, over a net on which a send is done only when it has been received:
// what comes out is right for an operator that does not commute, and no rank waits for ever.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <list>
#include <memory>
#include <numeric>
#include <random>
#include <vector>

#include "lpcoll/pipeline/executor.hpp"
#include "lpcoll/pipeline/tree.hpp"

namespace lpcoll::pipeline {
namespace {

// 2 x 2 matrices modulo a prime: associative, not commutative.
using Element = std::array<int64_t, 4>;
constexpr int64_t kPrime = 1000003;

Element times(const Element& a, const Element& b) {
  return {(a[0] * b[0] + a[1] * b[2]) % kPrime, (a[0] * b[1] + a[1] * b[3]) % kPrime,
          (a[2] * b[0] + a[3] * b[2]) % kPrime, (a[2] * b[1] + a[3] * b[3]) % kPrime};
}
Element plus(const Element& a, const Element& b) {
  Element c;
  for (size_t i = 0; i < 4; ++i) c[i] = (a[i] + b[i]) % kPrime;
  return c;
}

struct Message {
  int from, to, tree;
  const std::byte* source = nullptr;
  std::byte* target = nullptr;
  int64_t bytes;
  bool done = false;
};

class World {
 public:
  // Of two ranks, the i-th send and the i-th receive belong together.
  std::shared_ptr<Message> post(int from, int to, int tree, const std::byte* source,
                                std::byte* target, int64_t bytes) {
    for (auto it = open_.begin(); it != open_.end(); ++it) {
      Message& m = **it;
      if (m.from != from || m.to != to || m.tree != tree ||
          (source != nullptr) == (m.source != nullptr))
        continue;
      EXPECT_EQ(m.bytes, bytes) << "rank " << from << " to " << to;
      if (source != nullptr) m.source = source;
      if (target != nullptr) m.target = target;
      std::copy_n(m.source, std::min(m.bytes, bytes), m.target);
      m.done = true;
      sent_ += source != nullptr || target != nullptr ? bytes : 0;
      auto found = *it;
      open_.erase(it);
      return found;
    }
    open_.push_back(std::make_shared<Message>(Message{from, to, tree, source, target, bytes}));
    return open_.back();
  }
  int64_t sent() const { return sent_; }
  bool quiet() const { return open_.empty(); }

 private:
  std::list<std::shared_ptr<Message>> open_;
  int64_t sent_ = 0;
};

struct Net {
  using Handle = std::shared_ptr<Message>;
  World* world;
  int rank;
  int tree;
  Handle send(const std::byte* data, int64_t count, int to) {
    return world->post(rank, to, tree, data, nullptr, count * int64_t{sizeof(Element)});
  }
  Handle receive(std::byte* data, int64_t count, int from) {
    return world->post(from, rank, tree, nullptr, data, count * int64_t{sizeof(Element)});
  }
  bool done(const Handle& h) { return h->done; }
};

struct Combine {
  bool ordered;
  void operator()(const std::byte* own, std::byte* received, int64_t count) const {
    const auto* a = reinterpret_cast<const Element*>(own);
    auto* b = reinterpret_cast<Element*>(received);
    for (int64_t i = 0; i < count; ++i) b[i] = ordered ? times(a[i], b[i]) : plus(a[i], b[i]);
  }
};

class Trial {
 public:
  // The shape's tree: -1, or anything else for both.
  Trial(Shape shape, bool in_place, std::vector<int> circle, uint32_t seed)
      : shape_(shape), in_place_(in_place), circle_(std::move(circle)), random_(seed) {}

  void run() {
    const auto p = static_cast<size_t>(shape_.ranks), n = static_cast<size_t>(shape_.count);
    std::vector<std::vector<Element>> input(p, std::vector<Element>(n)),
        result(p, std::vector<Element>(n, Element{7, 7, 7, 7}));
    for (auto& rank : input)
      for (Element& e : rank)
        for (int64_t& x : e) x = static_cast<int64_t>(random_() % kPrime);
    const auto before = input;
    std::vector<std::vector<Element>> slots(2 * p);
    std::vector<std::vector<Executor<Net, Combine>>> ranks(p);
    for (size_t r = 0; r < p; ++r) {
      const bool root = static_cast<int>(r) == shape_.root;
      const bool bcast = shape_.collective == Collective::Bcast;
      if (bcast && !root) input[r] = result[r];
      Buffers b;
      b.extent = sizeof(Element);
      b.own = bytes(input[r]);
      if (bcast || in_place_)
        b.result = bytes(input[r]);
      else if (shape_.collective == Collective::Allreduce || root)
        b.result = bytes(result[r]);
      if (shape_.collective == Collective::Reduce && !root) b.result = nullptr;
      for (int tree = 0; tree < (shape_.tree < 0 ? 1 : 2); ++tree) {
        Shape shape = shape_;
        if (shape_.tree >= 0) shape.tree = tree;
        Schedule schedule(shape, static_cast<int>(r), circle_);
        std::vector<Element>& its = slots[2 * r + static_cast<size_t>(tree)];
        its.resize(static_cast<size_t>(schedule.largest()) * kSlots);
        b.slots = bytes(its);
        ranks[r].emplace_back(std::move(schedule), b, Net{&world_, static_cast<int>(r), tree},
                              Combine{shape_.in_rank_order});
      }
    }
    std::vector<bool> done(p, false);
    int64_t idle = 0;
    while (std::find(done.begin(), done.end(), false) != done.end()) {
      const size_t r = random_() % p;
      if (done[r]) continue;
      done[r] = true;
      for (auto& executor : ranks[r]) {
        executor.advance();
        done[r] = done[r] && executor.complete();
      }
      // Every turn that gains nothing is a turn towards the limit; a stuck world reaches it.
      ASSERT_LT(++idle, int64_t{4000} * shape_.ranks * (2 + shape_.count))
          << "the ranks wait for each other";
    }
    EXPECT_TRUE(world_.quiet());
    check(before, input, result);
  }
  int64_t elements_sent() const { return world_.sent() / int64_t{sizeof(Element)}; }

 private:
  static std::byte* bytes(std::vector<Element>& v) {
    return reinterpret_cast<std::byte*>(v.data());
  }

  void check(const std::vector<std::vector<Element>>& before,
             const std::vector<std::vector<Element>>& input,
             const std::vector<std::vector<Element>>& result) {
    for (size_t i = 0; i < static_cast<size_t>(shape_.count); ++i) {
      Element expected = before.back()[i];
      for (size_t r = before.size() - 1; r-- > 0;)
        expected =
            shape_.in_rank_order ? times(before[r][i], expected) : plus(before[r][i], expected);
      if (shape_.collective == Collective::Bcast)
        expected = before[static_cast<size_t>(shape_.root)][i];
      for (size_t r = 0; r < before.size(); ++r) {
        const bool bcast = shape_.collective == Collective::Bcast;
        const bool root = static_cast<int>(r) == shape_.root;
        if (bcast || shape_.collective == Collective::Allreduce || root) {
          ASSERT_EQ((bcast || in_place_ ? input : result)[r][i], expected)
              << "rank " << r << " element " << i;
        } else {
          ASSERT_EQ(result[r][i], (Element{7, 7, 7, 7}));
        }
        const bool kept = !in_place_ || (shape_.collective == Collective::Reduce && !root);
        if (!bcast && kept) {
          ASSERT_EQ(input[r][i], before[r][i]) << "rank " << r << " lost its own values";
        }
      }
    }
  }

  Shape shape_;
  bool in_place_;
  std::vector<int> circle_;
  std::mt19937 random_;
  World world_;
};

void try_out(const Shape& shape, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<int> circle;
  if (seed % 2 == 1) {
    circle.resize(static_cast<size_t>(shape.ranks));
    std::iota(circle.begin(), circle.end(), 0);
    std::shuffle(circle.begin(), circle.end(), random);
  }
  for (const bool in_place : {false, true}) {
    SCOPED_TRACE(testing::Message()
                 << "collective " << static_cast<int>(shape.collective) << " ranks " << shape.ranks
                 << " chains " << shape.chains << " root " << shape.root << " count " << shape.count
                 << " segment " << shape.segment << " tree " << shape.tree << " ordered "
                 << shape.in_rank_order << " in place " << in_place << " seed " << seed);
    Trial(shape, in_place, circle, seed).run();
    if (testing::Test::HasFatalFailure()) return;
  }
}

constexpr int kMostRanks = 33;
constexpr int64_t kCounts[] = {0, 1, 2, 7, 64, 97};

TEST(Pipeline, BroadcastFromEveryRoot) {
  for (int p = 1; p <= kMostRanks; ++p)
    for (int root = 0; root < p; ++root)
      try_out({Collective::Bcast, p, 1, root, kCounts[(p + root) % 6], 1 + (p * 7 + root) % 11},
              static_cast<uint32_t>(p * 100 + root));
}

TEST(Pipeline, ReduceToEveryRoot) {
  for (int p = 1; p <= kMostRanks; ++p)
    for (int root = 0; root < p; ++root)
      for (const bool ordered : {false, true})
        try_out({Collective::Reduce, p, 1, root, kCounts[(p + root) % 6], 1 + (p * 5 + root) % 13,
                 ordered},
                static_cast<uint32_t>(p * 100 + root));
}

TEST(Pipeline, AllreduceOnEveryNumberOfChains) {
  for (int p = 1; p <= kMostRanks; ++p)
    for (int chains = 1; chains <= p; ++chains)
      try_out({Collective::Allreduce, p, chains, 0, kCounts[(p + chains) % 6],
               1 + (p * 3 + chains) % 9},
              static_cast<uint32_t>(p * 100 + chains));
}

TEST(Pipeline, AllreduceInRankOrder) {
  for (int p = 1; p <= kMostRanks; ++p)
    for (const int64_t segment : {1, 3, 1000})
      try_out({Collective::Allreduce, p, 1, 0, 50, segment, true}, static_cast<uint32_t>(p));
}

// A segment of one element makes more segments than there are ranks and slots.
TEST(Pipeline, ManySegmentsComeRoundWithoutWaitingForThemselves) {
  for (const int p : {2, 3, 5, 8})
    for (int chains = 1; chains <= p; ++chains)
      try_out({Collective::Allreduce, p, chains, 0, 400, 1}, 5);
}

constexpr Collective kAll[] = {Collective::Bcast, Collective::Reduce, Collective::Allreduce};

TEST(Pipeline, TwoTreesFromEveryRoot) {
  for (const Collective collective : kAll)
    for (int p = 1; p <= kMostRanks; ++p)
      for (int root = 0; root < p; ++root)
        try_out(
            {collective, p, 1, root, kCounts[(p + root) % 6], 1 + (p * 7 + root) % 11, false, 0},
            static_cast<uint32_t>(p * 100 + root));
}

// Fewer segments than the way up and down is long, as many, and more than there are slots.
TEST(Pipeline, TwoTreesInManySegments) {
  for (const Collective collective : kAll)
    for (const int p : {2, 3, 4, 5, 8, 13, 33})
      for (const int64_t segment : {1, 5, 20, 1000})
        try_out({collective, p, 1, p / 2, 300, segment, false, 0}, static_cast<uint32_t>(p));
}

TEST(Trees, EveryNodeHasOnePlaceAndChildrenInOneTreeAlone) {
  for (int64_t n = 0; n <= 70; ++n) {
    std::vector<int> trees_with_children(static_cast<size_t>(n) + 1, 0);
    for (int tree = 0; tree < 2; ++tree) {
      std::vector<int> reached(static_cast<size_t>(n) + 1, 0);
      for (int64_t v = 0; v <= n; ++v) {
        const TreeNode node = tree_node(tree, n, v);
        for (const int64_t child : {node.first, node.second}) {
          if (child < 0) continue;
          ASSERT_EQ(tree_node(tree, n, child).parent, v) << "tree " << tree << " of " << n;
          ++reached[static_cast<size_t>(child)];
        }
        if (node.first >= 0) ++trees_with_children[static_cast<size_t>(v)];
        ASSERT_LE(tree_level(tree, n, v), std::bit_width(static_cast<uint64_t>(n)));
      }
      for (int64_t v = 1; v <= n; ++v) ASSERT_EQ(reached[static_cast<size_t>(v)], 1);
    }
    for (int64_t v = 1; v <= n; ++v) ASSERT_LE(trees_with_children[static_cast<size_t>(v)], 1);
  }
}

int64_t most_sent_by_a_rank(const Shape& shape) {
  int64_t most = 0;
  for (int r = 0; r < shape.ranks; ++r) {
    int64_t sent = 0;
    for (int tree = 0; tree < (shape.tree < 0 ? 1 : 2); ++tree) {
      Shape half = shape;
      if (shape.tree >= 0) half.tree = tree;
      const Schedule s(half, r);
      for (int64_t i = 0; i < s.size(); ++i) sent += s.block(i).to >= 0 ? s.block(i).count : 0;
    }
    most = std::max(most, sent);
  }
  return most;
}

TEST(Pipeline, PortsCarryWhatTheBoundSays) {
  for (const int p : {2, 3, 4, 8, 16}) {
    const int64_t n = int64_t{5040} * 16;
    EXPECT_EQ(most_sent_by_a_rank({Collective::Bcast, p, 1, 0, n, 100}), n);
    EXPECT_EQ(most_sent_by_a_rank({Collective::Reduce, p, 1, 0, n, 100}), n);
    EXPECT_EQ(most_sent_by_a_rank({Collective::Allreduce, p, p, 0, n, 100}), 2 * n / p * (p - 1));
    EXPECT_LE(most_sent_by_a_rank({Collective::Allreduce, p, 1, 0, n, 100}), 2 * n);
    EXPECT_LE(most_sent_by_a_rank({Collective::Bcast, p, 1, 0, n, 100, false, 0}), n);
    EXPECT_LE(most_sent_by_a_rank({Collective::Reduce, p, 1, 0, n, 100, false, 0}), n);
    EXPECT_LE(most_sent_by_a_rank({Collective::Allreduce, p, 1, 0, n, 100, false, 0}), 2 * n);
  }
}

TEST(Schedule, BlocksOfAHugeMessageAreNotListed) {
  const int64_t n = int64_t{1} << 60;
  const Schedule s({Collective::Allreduce, 3, 3, 0, n, 1 << 16}, 1);
  EXPECT_GT(s.size(), int64_t{1} << 40);
  EXPECT_LE(s.largest(), 1 << 16);
  const Block last = s.block(s.size() - 1);
  EXPECT_GT(last.count, 0);
  EXPECT_LE(last.begin + last.count, n);
}

}  // namespace
}  // namespace lpcoll::pipeline
