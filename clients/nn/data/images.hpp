// SPDX-License-Identifier: Apache-2.0
// Labelled images in memory, and where they come from.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace nn::data {

struct Images {
  int64_t channels = 0, height = 0, width = 0;
  std::vector<float> pixels;    // image after image, each channels x height x width
  std::vector<int32_t> labels;  // one an image

  int64_t count() const { return static_cast<int64_t>(labels.size()); }
  int64_t image_elems() const { return channels * height * width; }
  const float* image(int64_t index) const { return pixels.data() + index * image_elems(); }
};

struct DataSet {
  std::string source;  // for people: "MNIST-like (IDX) in DIR"
  int64_t classes = 0;
  Images train, held_out;
};

// A folder with IDX files (as MNIST's, plain or .gz), CIFAR-10's binary batches, or images.npy and labels.npy. A set without a test
// part of its own holds the last fifth out. Each channel is shifted and scaled to mean 0 and deviation 1 over the training
// images. Throws Error: no such files, short or damaged ones, labels without images.
DataSet load(const std::filesystem::path& folder);

// Gratings with noise: the class is the direction of the stripes, their phase is drawn, so that the mean image of each class is flat
// and no linear model tells them apart. The same on every machine.
DataSet generate(int64_t count, int64_t channels, int64_t height, int64_t width, int64_t classes,
                 uint64_t seed);

// Points on a circle with noise, of `features` coordinates a quarter turn apart (2: a point in the plane), at each of `steps` steps:
// images of one channel, n x 1 x steps x features. The class is how fast they turn and which way, where they begin is drawn, so
// that here as well each class is flat in the mean.
DataSet generate_sequences(int64_t count, int64_t steps, int64_t features, int64_t classes,
                           uint64_t seed);

}  // namespace nn::data
