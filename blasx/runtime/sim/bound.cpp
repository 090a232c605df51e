// SPDX-License-Identifier: Apache-2.0
#include "blasx/runtime/sim/bound.hpp"

#include <algorithm>
#include <cmath>

namespace blasx::runtime::sim {

double least_host_bytes(const BlasCall& call, double memory_bytes) {
  if (call.routine != Routine::Gemm || memory_bytes <= 0) return 0;
  const auto word = static_cast<double>(element_bytes(call.type));
  const auto m = static_cast<double>(call.m), n = static_cast<double>(call.n),
             k = static_cast<double>(call.k);
  const double reads_c = call.beta == Scalar(0.0) ? 0 : m * n;
  const double once = m * k + k * n + m * n + reads_c;
  const double streamed = 2 * m * n * k / std::sqrt(memory_bytes / word) + m * n;
  return std::max(once, streamed) * word;
}

double least_host_bytes(const BlasCall& call, const std::vector<MemoryGroup>& groups) {
  double memory = 0, bytes = 0;
  const auto word = static_cast<double>(element_bytes(call.type));
  const auto m = static_cast<double>(call.m), n = static_cast<double>(call.n),
             k = static_cast<double>(call.k);
  const double reads_c = call.beta == Scalar(0.0) ? 0 : 1;
  for (const MemoryGroup& group : groups) {
    memory += group.memory_bytes;
    if (group.memory_bytes <= 0 || group.share <= 0) continue;
    const double c = group.share * m * n;
    const double once = 2 * k * std::sqrt(c) + (1 + reads_c) * c;
    const double streamed = 2 * c * k / std::sqrt(group.memory_bytes / word) + c;
    bytes += std::max(once, streamed) * word;
  }
  const double together = least_host_bytes(call, memory);
  return together > 0 ? std::max(bytes, together) : 0;
}

}  // namespace blasx::runtime::sim
