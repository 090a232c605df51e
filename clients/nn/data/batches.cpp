// SPDX-License-Identifier: Apache-2.0
#include "clients/nn/data/batches.hpp"

#include <algorithm>
#include <numeric>

#include "clients/nn/layers/random.hpp"

namespace nn::data {

Batches::Batches(int64_t images, int64_t batch, uint64_t seed, bool fixed)
    : images_(images), batch_(batch), seed_(seed), fixed_(fixed) {}

std::vector<int64_t> Batches::samples(int64_t epoch, int64_t number, int64_t first, int64_t count) {
  shuffle(fixed_ ? 0 : epoch);
  const auto begin = order_.begin() + number * batch_ + first;
  return {begin, begin + count};
}

void Batches::shuffle(int64_t epoch) {
  if (shuffled_ == epoch) return;
  order_.resize(static_cast<size_t>(images_));
  std::iota(order_.begin(), order_.end(), 0);
  const uint64_t stream = mix(seed_ ^ mix(static_cast<uint64_t>(epoch)));
  for (auto i = static_cast<uint64_t>(images_); i > 1; --i)  // Fisher, Yates
    std::swap(order_[i - 1], order_[mix(stream + i) % i]);
  shuffled_ = epoch;
}

void gather(const Images& images, const std::vector<int64_t>& samples, std::vector<float>& pixels,
            std::vector<int32_t>& labels) {
  const int64_t elems = images.image_elems();
  for (size_t i = 0; i < labels.size(); ++i) {
    const bool there = i < samples.size();
    const int64_t index = there ? samples[i] : samples.back();
    std::copy_n(images.image(index), elems, pixels.data() + static_cast<int64_t>(i) * elems);
    labels[i] = there ? images.labels[static_cast<size_t>(index)] : -1;
  }
}

}  // namespace nn::data
