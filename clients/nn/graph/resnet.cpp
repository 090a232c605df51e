// SPDX-License-Identifier: Apache-2.0
// He, Zhang, Ren, Sun 2016; a stage's first 3x3 convolution has the stride.
#include <fmt/format.h>

#include <charconv>

#include "clients/nn/error.hpp"
#include "clients/nn/graph/zoo.hpp"

namespace nn::graph {
namespace {

int conv_bn(Builder& b, int x, int64_t channels, const Window& window) {
  return b.batch_norm(b.conv(x, channels, window, false));
}

// `out`: channels behind the block. Two 3x3 convolutions, or a 3x3 between two 1x1 with a quarter of the channels.
int block(Builder& b, int x, int64_t out, int64_t stride, bool bottleneck) {
  int right = 0;
  if (bottleneck) {
    right = b.relu(conv_bn(b, x, out / 4, square(1)));
    right = b.relu(conv_bn(b, right, out / 4, square(3, stride, 1)));
    right = conv_bn(b, right, out, square(1));
  } else {
    right = b.relu(conv_bn(b, x, out, square(3, stride, 1)));
    right = conv_bn(b, right, out, square(3, 1, 1));
  }
  const bool same = stride == 1 && b.shape(x).c == out;
  const int left = same ? x : conv_bn(b, x, out, square(1, stride));
  return b.relu(b.add({right, left}));
}

Network build(const std::string& name, const Blocks& blocks, bool bottleneck, const Shape& input,
              int64_t classes) {
  Builder b(name, input);
  int x = b.max_pool(b.relu(conv_bn(b, 0, 64, square(7, 2, 3))), square(3, 2, 1));
  int64_t channels = bottleneck ? 256 : 64;
  for (size_t stage = 0; stage < blocks.size(); ++stage, channels *= 2)
    for (int64_t i = 0; i < blocks[stage]; ++i)
      x = block(b, x, channels, stage > 0 && i == 0 ? 2 : 1, bottleneck);
  b.softmax_loss(b.fc(b.global_avg_pool(x), classes));
  return b.build();
}

std::optional<int64_t> number(std::string_view text) {
  int64_t value = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (wrong != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<Blocks> four_numbers(std::string_view text) {
  Blocks blocks{};
  for (size_t i = 0; i < blocks.size(); ++i) {
    const size_t comma = text.find(',');
    if ((comma == std::string_view::npos) != (i + 1 == blocks.size())) return std::nullopt;
    const auto value = number(text.substr(0, comma));
    if (!value || *value < 1 || *value > 100'000) return std::nullopt;
    blocks[i] = *value;
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
  }
  return blocks;
}

struct Named {
  int64_t depth;
  Blocks blocks;
  bool bottleneck;
};
constexpr std::array<Named, 5> kNamed{{{18, {2, 2, 2, 2}, false},
                                       {34, {3, 4, 6, 3}, false},
                                       {50, {3, 4, 6, 3}, true},
                                       {101, {3, 4, 23, 3}, true},
                                       {152, {3, 8, 36, 3}, true}}};
// Where SuperNeurons went deeper, only the third stage grew.
constexpr Blocks kDeep{6, 32, 0, 6};

}  // namespace

int64_t resnet_depth(const Blocks& blocks) {
  return 3 * (blocks[0] + blocks[1] + blocks[2] + blocks[3]) + 2;
}

Network resnet(const Blocks& blocks, const Shape& input, int64_t classes) {
  const std::string name =
      fmt::format("resnet:{},{},{},{}", blocks[0], blocks[1], blocks[2], blocks[3]);
  return build(name, blocks, true, input, classes);
}

std::optional<Network> resnet_named(std::string_view name, const Shape& input, int64_t classes) {
  constexpr std::string_view kPrefix = "resnet";
  if (!name.starts_with(kPrefix)) return std::nullopt;
  const std::string_view rest = name.substr(kPrefix.size());
  if (rest.starts_with(":")) {
    const auto blocks = four_numbers(rest.substr(1));
    if (!blocks)
      throw Error(fmt::format("{}: four numbers of blocks, 1 to 100000, are accepted", name));
    return resnet(*blocks, input, classes);
  }
  const auto depth = number(rest);
  if (!depth) return std::nullopt;
  for (const Named& known : kNamed)
    if (known.depth == *depth)
      return build(std::string(name), known.blocks, known.bottleneck, input, classes);
  Blocks blocks = kDeep;
  blocks[2] = (*depth - resnet_depth(kDeep)) / 3;
  if (blocks[2] < 1 || resnet_depth(blocks) != *depth || blocks[2] > 100'000)
    throw Error(
        fmt::format("{}: depths are 18, 34, 50, 101, 152, and from {} on 3 (n + 44) + 2; "
                    "resnet:n1,n2,n3,n4 has any other",
                    name, resnet_depth(kDeep) + 3));
  return build(std::string(name), blocks, true, input, classes);
}

}  // namespace nn::graph
