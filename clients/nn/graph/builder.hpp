// SPDX-License-Identifier: Apache-2.0
// Puts a network together layer by layer. Every function gives the new layer's handle, for the next one's input.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "clients/nn/graph/network.hpp"

namespace nn::graph {

struct Window {
  int64_t kernel_h = 0, kernel_w = 0, stride = 1, pad_h = 0, pad_w = 0;
};
// kernel x kernel.
Window square(int64_t kernel, int64_t stride = 1, int64_t pad = 0);

// Throws Error where shapes do not fit each other.
class Builder {
 public:
  // `input`: a whole batch; its handle is 0.
  Builder(std::string name, Shape input);

  int conv(int input, int64_t channels, const Window& window, bool bias = true);
  int fc(int input, int64_t channels, bool bias = true);
  int max_pool(int input, const Window& window);
  int avg_pool(int input, const Window& window);
  int global_avg_pool(int input);
  int lrn(int input);  // 5 channels, alpha 1e-4, beta 0.75, k 2: Krizhevsky et al. 2012
  int batch_norm(int input);
  int relu(int input);
  int dropout(int input, float ratio);
  int concat(const std::vector<int>& inputs);
  int add(const std::vector<int>& inputs);
  // Of a sequence; `hidden`: features of the output. Elman 1990 with tanh; Hochreiter, Schmidhuber 1997 with the forget gate of Gers,
  // Schmidhuber, Cummins 2000. Both begin from zeros.
  int rnn(int input, int64_t hidden);
  int lstm(int input, int64_t hidden);
  int last_step(int input);
  int softmax_loss(int input);

  const Shape& shape(int handle) const { return layers_[static_cast<size_t>(handle)].out; }

  // Adds the Forks and orders the layers: depth first, a join when the last of its inputs is there.
  Network build() const;

 private:
  int append(Layer layer);
  int append_same(LayerKind kind, int input);
  int append_sequence(LayerKind kind, int input, int64_t steps, int64_t features);
  int append_window(LayerKind kind, int input, int64_t channels, const Window& window, bool bias);
  [[noreturn]] void refuse(const Layer& layer, const std::string& why) const;

  std::string name_;
  std::vector<Layer> layers_;
  std::map<LayerKind, int> made_;
};

}  // namespace nn::graph
