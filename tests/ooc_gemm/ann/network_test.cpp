// SPDX-License-Identifier: Apache-2.0
#include "ooc_gemm/ann/network.hpp"

#include <gmock/gmock.h>

namespace {

using ooc_gemm::ann::Network;
using ooc_gemm::ann::parse_network;
using ooc_gemm::ann::products_of_step;

TEST(NetworkTest, SizesAreParsed) {
  const auto network = parse_network("784-256-10");
  ASSERT_TRUE(network.has_value());
  EXPECT_EQ(network->sizes, (std::vector<int64_t>{784, 256, 10}));
  EXPECT_EQ(network->layers(), 2);
  EXPECT_EQ(network->in(2), 256);
  EXPECT_EQ(network->out(2), 10);
  EXPECT_EQ(network->weights(), 784 * 256 + 256 * 10);
  EXPECT_EQ(network->units(), 266);
  EXPECT_EQ(network->text(), "784-256-10");
  for (const char* wrong : {"", "784", "784-", "784-0-10", "a-b", "784-99999999999"}) {
    const auto refused = parse_network(wrong);
    ASSERT_FALSE(refused.has_value()) << wrong;
    EXPECT_THAT(refused.error().message(), testing::HasSubstr("layers " + std::string(wrong)));
  }
}

TEST(NetworkTest, OperationsOfAStep) {
  const Network network = parse_network("784-1024-1024-10").value();
  const auto products = products_of_step(network, 256);
  EXPECT_EQ(products.size(), 8U);
  double operations = 0;
  for (const auto& product : products) operations += product.operations();
  EXPECT_DOUBLE_EQ(operations, 2448424960.0);
  // 6 m sum(n_{l-1} n_l) - 2 m n_0 n_1
  EXPECT_DOUBLE_EQ(operations,
                   6.0 * 256 * static_cast<double>(network.weights()) - 2.0 * 256 * 784 * 1024);
}

TEST(NetworkTest, TheInputNeedsNoDerivative) {
  const auto products = products_of_step(parse_network("5-3").value(), 7);
  ASSERT_EQ(products.size(), 2U);
  EXPECT_EQ(products[0].name, "Z1 = X0 W1'");
  EXPECT_EQ(products[1].name, "W1 -= D1' X0");
  EXPECT_EQ(products[1].bytes(), (7 * 3 + 7 * 5 + 5 * 3) * 4);
}

}  // namespace
