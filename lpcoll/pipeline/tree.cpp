// SPDX-License-Identifier: Apache-2.0
#include "lpcoll/pipeline/tree.hpp"

#include <bit>

namespace lpcoll::pipeline {
namespace {

int64_t floor_of(int64_t n) {
  return static_cast<int64_t>(std::bit_floor(static_cast<uint64_t>(n)));
}

// The tree in order over 1..n whose top is the largest power of two: its odd labels have no children. 0 stands above.
TreeNode in_order(int64_t n, int64_t label) {
  TreeNode found;
  if (label == 0) {
    found.first = n > 0 ? floor_of(n) : -1;
    return found;
  }
  found.parent = 0;
  for (int64_t before = 0, size = n;;) {
    const int64_t half = floor_of(size), top = before + half;
    if (label == top) {
      if (half > 1) found.first = before + floor_of(half - 1);
      if (size > half) (found.first < 0 ? found.first : found.second) = top + floor_of(size - half);
      return found;
    }
    found.parent = top;
    if (label < top) {
      size = half - 1;
    } else {
      before = top;
      size -= half;
    }
  }
}

}  // namespace

TreeNode tree_node(int tree, int64_t n, int64_t node) {
  const bool mirrored = n % 2 == 0;
  const auto label_of = [&](int64_t v) {
    if (tree == 0 || v <= 0) return v;
    if (mirrored) return n + 1 - v;
    return v == 1 ? n : v - 1;
  };
  const auto node_of = [&](int64_t label) {
    if (tree == 0 || label <= 0) return label;
    if (mirrored) return n + 1 - label;
    return label == n ? 1 : label + 1;
  };
  const TreeNode family = in_order(n, label_of(node));
  return {node_of(family.parent), node_of(family.first), node_of(family.second)};
}

int64_t tree_level(int tree, int64_t n, int64_t node) {
  int64_t level = 0;
  for (; node > 0; node = tree_node(tree, n, node).parent) ++level;
  return level;
}

}  // namespace lpcoll::pipeline
