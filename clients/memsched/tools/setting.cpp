// SPDX-License-Identifier: Apache-2.0
#include "clients/memsched/tools/setting.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <vector>

#include "clients/nn/error.hpp"
#include "clients/nn/graph/zoo.hpp"

namespace memsched::tools {
namespace {

using nn::graph::Network;
using nn::graph::Shape;

constexpr double kKi = 1024;

Shape shape_of(const std::string& text, const Shape& usual) {
  std::vector<int64_t> sides;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at < end) {
    int64_t side = 0;
    const auto [next, wrong] = std::from_chars(at, end, side);
    const bool more = next < end && *next == 'x' && next + 1 < end;
    if (wrong != std::errc() || side < 1 || side > 1 << 20 || (next < end && !more)) {
      sides.clear();
      break;
    }
    sides.push_back(side);
    at = more ? next + 1 : next;
  }
  if (sides.size() == 1) return {usual.n, usual.c, sides[0], sides[0]};
  if (sides.size() == 3) return {usual.n, sides[0], sides[1], sides[2]};
  throw nn::Error(fmt::format(
      "image {}: accepted are a side as 224, or channels, height and width as 3x224x224", text));
}

}  // namespace

int64_t parse_bytes(std::string_view text) {
  constexpr std::string_view kUnits = "KMGT";
  double value = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), value);
  std::string_view unit(end, static_cast<size_t>(text.data() + text.size() - end));
  bool right = wrong == std::errc() && value > 0;
  if (right && !unit.empty()) {
    const size_t power = kUnits.find(unit[0]);
    right = power != std::string_view::npos &&
            (unit.size() == 1 || unit.substr(1) == "B" || unit.substr(1) == "iB");
    if (right) value *= std::pow(kKi, static_cast<double>(power) + 1);
  }
  if (!right || value < 1 || value > 1e18)
    throw nn::Error(
        fmt::format("memory {}: accepted are bytes above 0, with K, M, G or T as in 12G", text));
  return static_cast<int64_t>(value);
}

std::string in_mib(int64_t bytes) {
  return fmt::format("{:.2f} MiB", static_cast<double>(bytes) / (kKi * kKi));
}

std::string in_gib(int64_t bytes) {
  return fmt::format("{:.2f} GiB", static_cast<double>(bytes) / (kKi * kKi * kKi));
}

int64_t fixed_bytes(const Network& network, const Memory& memory) {
  return memory.copies * parameter_elems(network) * 4;
}

int64_t budget_bytes(const Network& network, const Memory& memory) {
  if (memory.device_bytes == 0) return 0;
  const int64_t fixed = fixed_bytes(network, memory);
  if (memory.device_bytes <= fixed)
    throw nn::Error(fmt::format("{}: {} copies of its parameters alone take {}; {} are given",
                                network.name, memory.copies, in_mib(fixed),
                                in_mib(memory.device_bytes)));
  return memory.device_bytes - fixed;
}

Setting make_setting(const std::string& net, int64_t batch, const std::string& image,
                     int64_t classes, const Memory& memory) {
  if (batch < 1 || batch > 1 << 20)
    throw nn::Error(fmt::format("batch {}: accepted are 1 to {}", batch, 1 << 20));
  Setting setting;
  const Shape usual = nn::graph::usual_input(net, batch);
  setting.network = nn::graph::make(net, image.empty() ? usual : shape_of(image, usual), classes);
  setting.costs = paper_costs(setting.network);
  setting.batch = batch;
  setting.memory = memory;
  return setting;
}

}  // namespace memsched::tools
