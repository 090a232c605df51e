// SPDX-License-Identifier: Apache-2.0
// Batch norm over ranks: two threads with half the batch each are one with all of it.
#include <gtest/gtest.h>

#include <array>
#include <barrier>
#include <cmath>
#include <thread>

#include "clients/nn/graph/builder.hpp"
#include "clients/nn/layers/cpu/layer_set.hpp"
#include "clients/nn/layers/random.hpp"

namespace nn::test {
namespace {

constexpr int64_t kChannels = 5, kPlane = 12;

// A batch norm's tensors and parameters, forward and backward.
struct Norm {
  Norm(int64_t images, int64_t first, const cpu::CpuLayers& set) {
    graph::Builder builder("norm", {images, kChannels, 3, 4});
    builder.batch_norm(0);
    const auto kernel = set.make(builder.build(), 1);
    const auto draw = [&](uint64_t stream, double middle) {
      std::vector<float> numbers;
      for (int64_t i = 0; i < images * kChannels * kPlane; ++i)
        numbers.push_back(static_cast<float>(
            middle + normal(stream, static_cast<uint64_t>(first * kChannels * kPlane + i))));
      return numbers;
    };
    std::vector<float> in = draw(1, 3), gradient = draw(2, 0.5);
    out.resize(in.size());
    input_gradient.resize(in.size());
    std::vector<float> saved(2 * kChannels);
    std::vector<float> scale, shift(kChannels, 0.25F);
    for (int i = 0; i < kChannels; ++i) scale.push_back(0.5F + static_cast<float>(i));
    Buffers buffers;
    buffers.inputs = {in.data()};
    buffers.output = out.data();
    buffers.saved = saved.data();
    buffers.parameters = {scale.data(), shift.data(), mean.data(), variance.data()};
    buffers.output_gradients = {gradient.data()};
    buffers.input_gradients = {input_gradient.data()};
    buffers.parameter_gradients = {of_scale.data(), of_shift.data(), nullptr, nullptr};
    kernel->forward(buffers, {}, 0);
    kernel->backward(buffers, {}, 0);
  }

  std::vector<float> out, input_gradient;
  std::vector<float> of_scale = std::vector<float>(kChannels), of_shift = of_scale;
  std::vector<float> mean = of_scale, variance = std::vector<float>(kChannels, 1);
};

void expect_near(const std::vector<float>& ours, const float* whole, const char* what) {
  for (size_t i = 0; i < ours.size(); ++i)
    EXPECT_NEAR(ours[i], whole[i], 1e-5 * (1 + std::abs(whole[i]))) << what << i;
}

TEST(SynchronisedNorm, TwoHalvesAreTheWhole) {
  const Norm whole(6, 0, cpu::CpuLayers());
  std::barrier both(2);
  std::array<std::vector<double>, 2> numbers;
  std::array<std::unique_ptr<Norm>, 2> halves;
  const auto work = [&](size_t rank) {
    const auto sum = [&, rank](double* mine, int count) {
      numbers.at(rank).assign(mine, mine + count);
      both.arrive_and_wait();
      for (int i = 0; i < count; ++i)
        mine[i] = numbers[0][static_cast<size_t>(i)] + numbers[1][static_cast<size_t>(i)];
      both.arrive_and_wait();
    };
    halves.at(rank) =
        std::make_unique<Norm>(3, 3 * static_cast<int64_t>(rank),
                               cpu::CpuLayers("direct", cpu::RankSum{.ranks = 2, .sum = sum}));
  };
  std::thread other(work, 1);
  work(0);
  other.join();
  const auto half = static_cast<std::ptrdiff_t>(whole.out.size() / 2);
  for (const std::ptrdiff_t rank : {0, 1}) {
    const Norm& ours = *halves.at(static_cast<size_t>(rank));
    expect_near(ours.out, whole.out.data() + rank * half, "out");
    expect_near(ours.input_gradient, whole.input_gradient.data() + rank * half, "gradient");
    expect_near(ours.mean, whole.mean.data(), "mean");
    expect_near(ours.variance, whole.variance.data(), "variance");
  }
  // Those of the parameters are each rank's own: they are summed with all others.
  for (size_t c = 0; c < kChannels; ++c) {
    EXPECT_NEAR(halves[0]->of_scale[c] + halves[1]->of_scale[c], whole.of_scale[c], 1e-4);
    EXPECT_NEAR(halves[0]->of_shift[c] + halves[1]->of_shift[c], whole.of_shift[c], 1e-4);
  }
}

}  // namespace
}  // namespace nn::test
