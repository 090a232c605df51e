// SPDX-License-Identifier: Apache-2.0
// A network as a directed graph of layers: plain values, no numbers in it. Made by Builder or make() (zoo.hpp).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace nn::graph {

enum class LayerKind : uint8_t {
  Data,
  Conv,
  Fc,
  MaxPool,
  AvgPool,  // padding does not count
  Lrn,
  BatchNorm,
  Relu,
  Dropout,
  SoftmaxLoss,
  Concat,  // of channels
  Add,
  Fork,  // y = x for several readers; backward is the sum of their gradients
  Rnn,   // of sequences (Shape): Elman's, tanh
  Lstm,
  LastStep,  // of a sequence
};
const char* kind_name(LayerKind kind);

// Images x channels x height x width, in that order in memory. The output of Fc is n x c x 1 x 1. A sequence is an image of one
// channel: n x 1 x steps x features.
struct Shape {
  int64_t n = 0, c = 0, h = 0, w = 0;

  int64_t elems() const { return n * c * h * w; }
  bool operator==(const Shape&) const = default;
};

struct Layer {
  LayerKind kind = LayerKind::Data;
  std::string name;
  std::vector<int> inputs;  // indices into Network::layers, smaller than its own
  Shape out;                // SoftmaxLoss: the probabilities
  // Conv, MaxPool, AvgPool
  int64_t kernel_h = 0, kernel_w = 0, stride = 0, pad_h = 0, pad_w = 0;
  bool bias = false;       // Conv, Fc
  int64_t local_size = 0;  // Lrn: channels of a window
  float alpha = 0, beta = 0, k = 0;
  float ratio = 0;              // Dropout: of what becomes 0
  float eps = 0, momentum = 0;  // BatchNorm; momentum of the running statistics
};

// Layers are in the order of the execution route: layer i is step i, its backward is step 2N-1-i. Whoever has several
// readers is a Fork, everything else has one (the last layer none).
struct Network {
  std::string name;
  std::vector<Layer> layers;
  std::vector<std::vector<int>> consumers;

  int size() const { return static_cast<int>(layers.size()); }
  int steps() const { return 2 * size(); }
  const Shape& input() const { return layers.front().out; }
  // Parameters are behind or in it: a gradient has to come here.
  bool needs_gradient(int layer) const { return needs_gradient_[static_cast<size_t>(layer)]; }
  // As which of its consumers `layer` reads its input number `slot`: 0 unless that is a Fork.
  int branch(int layer, int slot) const;
  // Fills consumers and what the two functions above say; layers and their inputs are in place.
  void connect();

 private:
  std::vector<bool> needs_gradient_;
};

// 4 gates of an Lstm, 1 of an Rnn, 0 of other kinds.
int64_t gates(LayerKind kind);
// Conv, Fc, BatchNorm, Rnn, Lstm: trained numbers. Running statistics are not counted.
int64_t parameter_elems(const Network& network, int layer);
int64_t parameter_elems(const Network& network);
// Multiplications and additions of a layer's forward pass.
double operations(const Network& network, int layer);

}  // namespace nn::graph
