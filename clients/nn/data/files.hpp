// SPDX-License-Identifier: Apache-2.0
// The formats that load() knows. Each throws Error naming the file.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "clients/nn/data/images.hpp"

namespace nn::data {

// A whole file; what gzip has packed is unpacked.
std::string contents(const std::filesystem::path& file);

// http://yann.lecun.com/exdb/mnist: big-endian sizes, then bytes.
Images read_idx(const std::filesystem::path& images, const std::filesystem::path& labels);
// Records of a label and 3 x 32 x 32 bytes.
Images read_cifar(const std::vector<std::filesystem::path>& files);
// images.npy: n x h x w or n x c x h x w of uint8 or float32; labels.npy: n integers. Row-major, little-endian.
Images read_npy(const std::filesystem::path& images, const std::filesystem::path& labels);

}  // namespace nn::data
