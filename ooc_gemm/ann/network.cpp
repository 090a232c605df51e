// SPDX-License-Identifier: Apache-2.0
#include "ooc_gemm/ann/network.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "common/parse.hpp"

namespace ooc_gemm::ann {

int64_t Network::weights() const {
  int64_t sum = 0;
  for (int64_t layer = 1; layer <= layers(); ++layer) sum += in(layer)*out(layer);
  return sum;
}

int64_t Network::units() const {
  int64_t sum = 0;
  for (int64_t layer = 1; layer <= layers(); ++layer) sum += out(layer);
  return sum;
}

int64_t Network::widest() const { return *std::max_element(sizes.begin() + 1, sizes.end()); }

std::string Network::text() const { return fmt::format("{}", fmt::join(sizes, "-")); }

Result<Network> parse_network(std::string_view text) {
  // Products of any two sizes, times bytes, stay far from the end of 64 bits; each fits the BLAS's int.
  constexpr int64_t kLargest = 1 << 24;
  Network network;
  for (const std::string_view piece : blasx::parse::split(text, '-')) {
    const auto size = blasx::parse::integer_in(piece, 1, kLargest);
    if (!size) {
      return blasx::failure(StatusCode::InvalidArgument,
                            fmt::format("layers {}: '{}': {}; sizes are 1 to {}", text, piece,
                                        size.error().message(), kLargest));
    }
    network.sizes.push_back(*size);
  }
  if (network.sizes.size() < 2) {
    return blasx::failure(
        StatusCode::InvalidArgument,
        fmt::format("layers {}: at least two sizes are needed, as in 784-256-10", text));
  }
  return network;
}

double StepProduct::operations() const {
  return 2.0 * static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(k);
}

int64_t StepProduct::bytes() const {
  return (m * k + k * n + m * n) * static_cast<int64_t>(sizeof(float));
}

std::vector<StepProduct> products_of_step(const Network& network, int64_t batch) {
  std::vector<StepProduct> products;
  for (int64_t layer = 1; layer <= network.layers(); ++layer) {
    products.push_back({fmt::format("Z{0} = X{1} W{0}'", layer, layer - 1), batch,
                        network.out(layer), network.in(layer)});
  }
  for (int64_t layer = network.layers(); layer >= 1; --layer) {
    if (layer > 1) {
      products.push_back({fmt::format("D{1} = D{0} W{0}", layer, layer - 1), batch,
                          network.in(layer), network.out(layer)});
    }
    products.push_back({fmt::format("W{0} -= D{0}' X{1}", layer, layer - 1), network.out(layer),
                        network.in(layer), batch});
  }
  return products;
}

}  // namespace ooc_gemm::ann
