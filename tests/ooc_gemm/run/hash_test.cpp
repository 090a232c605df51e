// SPDX-License-Identifier: Apache-2.0
#include "ooc_gemm/run/hash.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>

namespace {

using ooc_gemm::run::hash_bytes;
using ooc_gemm::run::hash_join;

TEST(HashTest, EveryBitOfEveryLengthCounts) {
  for (size_t length = 0; length < 80; ++length) {
    std::string data(length, 'a');
    std::set<uint64_t> seen{hash_bytes(data.data(), length, 0), hash_bytes(data.data(), length, 1)};
    EXPECT_EQ(seen.size(), 2U);
    for (char& byte : data) {
      for (int bit = 0; bit < 8; ++bit) {
        byte = static_cast<char>(byte ^ (1 << bit));
        ASSERT_TRUE(seen.insert(hash_bytes(data.data(), length, 0)).second);
        byte = static_cast<char>(byte ^ (1 << bit));
      }
    }
  }
}

TEST(HashTest, EndsOfLongLinesCount) {
  std::string data(5000, 'a');
  std::set<uint64_t> seen{hash_bytes(data.data(), data.size(), 0)};
  for (const size_t at : {size_t{0}, size_t{1023}, size_t{4096}, data.size() - 1}) {
    data[at] = 'b';
    EXPECT_TRUE(seen.insert(hash_bytes(data.data(), data.size(), 0)).second) << at;
    data[at] = 'a';
  }
}

TEST(HashTest, OrderCounts) {
  const std::string ab(40, 'a');
  std::string moved = ab;
  moved[3] = 'b';
  std::string other = ab;
  other[11] = 'b';
  EXPECT_NE(hash_bytes(moved.data(), 40, 0), hash_bytes(other.data(), 40, 0));
  EXPECT_NE(hash_bytes("\0\0", 1, 0), hash_bytes("\0\0", 2, 0));
  EXPECT_NE(hash_join(1, 2), hash_join(2, 1));
}

}  // namespace
