// SPDX-License-Identifier: Apache-2.0
#include "lpcoll/tune/model.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace lpcoll::tune {
namespace {

int tree_depth(int ranks) {
  return static_cast<int>(std::bit_width(static_cast<unsigned>(ranks - 1)));
}

double pipeline_seconds(double hops, double sends_a_hop, double bytes, double segment,
                        const Link& link, bool reduces, int passes) {
  const double steps = passes * hops * sends_a_hop - 1 + std::max(1.0, bytes / segment);
  const double byte = passes * link.beta + (reduces ? link.gamma : 0);
  return steps * (link.alpha + std::min(bytes, segment) * byte) + passes * hops * link.latency;
}

}  // namespace

double best_segment(double bytes, int ranks, double alpha, double beta) {
  return std::sqrt(bytes * alpha / (std::max(1, ranks - 2) * beta));
}

double best_tree_segment(double bytes, int ranks, double alpha, double beta) {
  return std::sqrt(bytes * alpha / (2 * std::max(1, tree_depth(ranks)) * beta));
}

double chain_seconds(double bytes, int ranks, double segment, const Link& link, bool reduces,
                     int passes) {
  return pipeline_seconds(ranks - 1, 1, bytes, segment, link, reduces, passes);
}

double trees_seconds(double bytes, int ranks, double segment, const Link& link, bool reduces,
                     int passes) {
  return pipeline_seconds(tree_depth(ranks), 2, bytes, segment, link, reduces, passes);
}

double ring_seconds(double bytes, int ranks, double segment, const Link& link) {
  const double part = bytes / ranks, messages = std::max(1.0, part / segment);
  return (ranks - 1) *
         (2 * (messages * link.alpha + part * link.beta + link.latency) + part * link.gamma);
}

}  // namespace lpcoll::tune
