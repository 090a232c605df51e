// SPDX-License-Identifier: Apache-2.0
// Szegedy, Ioffe, Vanhoucke, Alemi 2016: figures 3 to 9. Every convolution is followed by batch norm and relu.
#include "clients/nn/graph/zoo.hpp"

namespace nn::graph {
namespace {

struct Conv {
  int64_t channels, kernel_h, kernel_w;
  int64_t stride = 1;
  bool same = true;  // padded so that the image keeps its size
};

int convs(Builder& b, int x, const std::vector<Conv>& row) {
  for (const Conv& c : row) {
    const Window window{c.kernel_h, c.kernel_w, c.stride, c.same ? (c.kernel_h - 1) / 2 : 0,
                        c.same ? (c.kernel_w - 1) / 2 : 0};
    x = b.relu(b.batch_norm(b.conv(x, c.channels, window, false)));
  }
  return x;
}

int pooled(Builder& b, int x, int64_t channels) {
  return convs(b, b.avg_pool(x, square(3, 1, 1)), {{channels, 1, 1}});
}

int stem(Builder& b, int x) {
  x = convs(b, x, {{32, 3, 3, 2, false}, {32, 3, 3, 1, false}, {64, 3, 3}});
  x = b.concat({b.max_pool(x, square(3, 2)), convs(b, x, {{96, 3, 3, 2, false}})});
  x = b.concat({convs(b, x, {{64, 1, 1}, {96, 3, 3, 1, false}}),
                convs(b, x, {{64, 1, 1}, {64, 7, 1}, {64, 1, 7}, {96, 3, 3, 1, false}})});
  return b.concat({convs(b, x, {{192, 3, 3, 2, false}}), b.max_pool(x, square(3, 2))});
}

int reduction_a(Builder& b, int x) {
  return b.concat({b.max_pool(x, square(3, 2)), convs(b, x, {{384, 3, 3, 2, false}}),
                   convs(b, x, {{192, 1, 1}, {224, 3, 3}, {256, 3, 3, 2, false}})});
}

int inception_b(Builder& b, int x) {
  return b.concat({pooled(b, x, 128), convs(b, x, {{384, 1, 1}}),
                   convs(b, x, {{192, 1, 1}, {224, 1, 7}, {256, 7, 1}}),
                   convs(b, x, {{192, 1, 1}, {192, 1, 7}, {224, 7, 1}, {224, 1, 7}, {256, 7, 1}})});
}

int reduction_b(Builder& b, int x) {
  return b.concat({b.max_pool(x, square(3, 2)), convs(b, x, {{192, 1, 1}, {192, 3, 3, 2, false}}),
                   convs(b, x, {{256, 1, 1}, {256, 1, 7}, {320, 7, 1}, {320, 3, 3, 2, false}})});
}

int inception_c(Builder& b, int x) {
  const int narrow = convs(b, x, {{384, 1, 1}});
  const int wide = convs(b, x, {{384, 1, 1}, {448, 1, 3}, {512, 3, 1}});
  return b.concat({pooled(b, x, 256), convs(b, x, {{256, 1, 1}}), convs(b, narrow, {{256, 1, 3}}),
                   convs(b, narrow, {{256, 3, 1}}), convs(b, wide, {{256, 3, 1}}),
                   convs(b, wide, {{256, 1, 3}})});
}

}  // namespace

int inception_a(Builder& b, int x) {
  return b.concat({pooled(b, x, 96), convs(b, x, {{96, 1, 1}}),
                   convs(b, x, {{64, 1, 1}, {96, 3, 3}}),
                   convs(b, x, {{64, 1, 1}, {96, 3, 3}, {96, 3, 3}})});
}

Network inception_v4(const Shape& input, int64_t classes) {
  Builder b("inception-v4", input);
  int x = stem(b, 0);
  for (int i = 0; i < 4; ++i) x = inception_a(b, x);
  x = reduction_a(b, x);
  for (int i = 0; i < 7; ++i) x = inception_b(b, x);
  x = reduction_b(b, x);
  for (int i = 0; i < 3; ++i) x = inception_c(b, x);
  b.softmax_loss(b.fc(b.dropout(b.global_avg_pool(x), 0.2F), classes));
  return b.build();
}

}  // namespace nn::graph
