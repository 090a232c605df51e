// SPDX-License-Identifier: Apache-2.0
// Where a node stands in one of two binary trees over nodes 1..n, both hanging from node 0. Pure arithmetic.
#pragma once

#include <cstdint>

namespace lpcoll::pipeline {

// Nodes, -1 where there is none. The first child's tree is at least as deep as the second's.
struct TreeNode {
  int64_t parent = -1;
  int64_t first = -1;
  int64_t second = -1;
};

// In tree 0 odd nodes are leaves. Tree 1 is its mirror image, or moved by one where n is odd, so that they are not there (but for node
// 1 of an odd n).
TreeNode tree_node(int tree, int64_t n, int64_t node);

// Edges from node 0.
int64_t tree_level(int tree, int64_t n, int64_t node);

}  // namespace lpcoll::pipeline
