// SPDX-License-Identifier: Apache-2.0
// What is to be planned: a network at a batch, and the memory it may have.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "clients/nn/graph/costs.hpp"
#include "clients/nn/graph/network.hpp"

namespace memsched::tools {

// Bytes with an optional K, M, G or T, powers of 1024; fractions are allowed. Throws nn::Error.
int64_t parse_bytes(std::string_view text);
// "512.0 MiB"
std::string in_mib(int64_t bytes);
std::string in_gib(int64_t bytes);

struct Memory {
  int64_t device_bytes = 0;  // 0: no limit
  int64_t copies = 3;        // of the parameters: themselves, gradients, momentum
};

// What is not governed: the parameters' copies.
int64_t fixed_bytes(const nn::graph::Network& network, const Memory& memory);
// What is left for tensors and workspaces; 0 without a limit. Throws nn::Error when nothing is.
int64_t budget_bytes(const nn::graph::Network& network, const Memory& memory);

struct Setting {
  nn::graph::Network network;
  nn::graph::Costs costs;
  int64_t batch = 0;
  Memory memory;

  int64_t budget_bytes() const { return tools::budget_bytes(network, memory); }
};
// `image`: "224" or "3x224x224"; empty: what the network was made for. Throws nn::Error.
Setting make_setting(const std::string& net, int64_t batch, const std::string& image,
                     int64_t classes, const Memory& memory);

}  // namespace memsched::tools
