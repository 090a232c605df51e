// SPDX-License-Identifier: Apache-2.0
// The networks that have names.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "clients/nn/graph/builder.hpp"

namespace nn::graph {

// lenet, cifar-quick, alexnet, vgg16, vgg19, resnet18, 34, 50, 101, 152, resnet<depth> with 6,32,n,6 blocks (depth =
// 3 (n + 44) + 2), resnet:<n1>,<n2>,<n3>,<n4> (bottlenecks), inception-v4, inception-a (its first block alone), mlp,
// mlp:<width>,<width>..., rnn, lstm, rnn:<width>,... and lstm:<width>,... (of sequences). An unknown name throws Error, which names the known ones.
Network make(std::string_view name, const Shape& input, int64_t classes);
// What the network was made for, with n images: 227x227 for alexnet, 28x28 with one channel for lenet.
Shape usual_input(std::string_view name, int64_t n);

// It reads sequences rather than images.
bool of_sequences(std::string_view name);

// Bottleneck blocks of the four stages (He et al. 2016).
using Blocks = std::array<int64_t, 4>;
int64_t resnet_depth(const Blocks& blocks);
Network resnet(const Blocks& blocks, const Shape& input, int64_t classes);
// Nothing unless the name is that of a ResNet.
std::optional<Network> resnet_named(std::string_view name, const Shape& input, int64_t classes);

// Szegedy et al. 2016.
Network inception_v4(const Shape& input, int64_t classes);
int inception_a(Builder& builder, int input);

}  // namespace nn::graph
