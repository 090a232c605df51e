// SPDX-License-Identifier: Apache-2.0
// What one rank of a pipelined collective does, as a sequence of blocks. Pure: no MPI, no memory, no clock.
//
// The ranks stand on a circle. The message is cut into as many parts as there are chains; part c is reduced along the circle from
// the chain's first place to its last, and broadcast from there onwards. One chain is the linear pipeline of Wang et al.
// ("Efficient Communications in Training Large Scale Neural Networks", 2017, section 3); as many chains as ranks, each beginning
// one place further, are the ring, whose ports all carry 2 (P-1)/P n. A part is cut into segments; while a rank passes on one
// segment it receives the next.
//
// At step t of chain c (0 <= t < P reduces, P <= t < 2P-1 broadcasts) the rank at place first(c) + t mod P is at work. All ranks take
// their blocks in the order of t, then of the segment, so that of two neighbours one sends in the order in which the other receives:
// messages need no numbers.
//
// Where chains are too long for their message, two trees of depth log2 P carry half of it each (Sanders, Speck, Traeff, "Two-tree
// algorithms for full bandwidth broadcast, reduction and scan", 2009): who has children in one is a leaf of the other, so no port
// carries more than on a chain. A Schedule is of one of them: if one waited for the other, each segment would take as long as both
// trees are deep. On its way down a segment passes others on their way up; a rank d edges from the root takes segment s down after
// segment s + 3 d has gone up, when it is about to come.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace lpcoll::pipeline {

enum class Collective : uint8_t { Bcast, Reduce, Allreduce };

struct Shape {
  Collective collective = Collective::Bcast;
  int ranks = 1;
  int chains = 1;       // of an allreduce, 1..ranks; else 1
  int root = 0;         // of a broadcast or reduce
  int64_t count = 0;    // elements of the message
  int64_t segment = 1;  // elements, at most, of one block; at least 1
  // The result is x_0 op (x_1 op (x_2 ...)), element by element; takes one chain, and a reduce may take one hop more.
  bool in_rank_order = false;
  // 0 or 1: the first or the second half of the message on that one of the two trees, for operators that commute; -1: chains.
  int tree = -1;
};

// Receive elements begin .. begin+count, combine them with one's own, send them on: each of the three if it says so.
struct Block {
  int from = -1;             // the rank to receive from, -1: the block is here already
  int to = -1;               // the rank to send to, -1: the block stays
  bool combine = false;      // own values with what comes
  bool second = false;       // of two to be combined: what the block before left, with what comes
  bool from_result = false;  // of a block that is here already: it lies where the result goes
  bool final = false;        // after this the elements are this rank's result
  int64_t begin = 0;
  int64_t count = 0;
  // The block of this rank that has to be finished, its send too, before this one's elements may be overwritten; -1: none.
  int64_t after = -1;
};

class Schedule {
 public:
  // For the rank with this number. `circle`: the ranks in the order in which they stand; empty: by number.
  Schedule(const Shape& shape, int rank, std::span<const int> circle = {});

  int64_t size() const { return static_cast<int64_t>(turns_.size()) * segments_; }
  Block block(int64_t i) const;  // in constant time
  // Elements of the largest block.
  int64_t largest() const;

 private:
  // A rank's turn in one chain: what is equal for all segments of the part.
  struct Turn {
    int from, to;
    bool combine, final;
    int64_t begin, count;  // the part
    int32_t after;         // the turn, or -1
    int64_t time;
    bool second = false, from_result = false;
  };
  struct Position {
    int64_t turn, segment;
  };

  void add_chain(const Shape& shape, int chain, int place, int64_t begin, int64_t count);
  void add_tree(const Shape& shape, int64_t node, int64_t root_place);
  Position position(int64_t i) const;
  int64_t index(int64_t turn, int64_t segment) const;
  int at(int64_t place) const { return circle_[static_cast<size_t>(place % ranks_)]; }

  int64_t ranks_;
  std::vector<int> circle_;
  std::vector<Turn> turns_;
  int64_t segments_ = 0;  // of each part
  // On a tree the first turns go up, the others down, so many segments later.
  int64_t ups_ = 0, lag_ = 0;
  bool in_tree_ = false;
};

}  // namespace lpcoll::pipeline
