// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "clients/nn/data/files.hpp"
#include "clients/nn/error.hpp"

namespace nn::data {
namespace {

struct Idx {
  std::string bytes;
  std::vector<int64_t> sizes;
  size_t header = 0;

  int byte(int64_t index) const {
    return static_cast<unsigned char>(bytes[header + static_cast<size_t>(index)]);
  }
};

Idx read(const std::filesystem::path& file, size_t dimensions) {
  Idx idx{contents(file), {}, 4 + 4 * dimensions};
  const std::string& bytes = idx.bytes;
  if (bytes.size() < idx.header || bytes[0] != 0 || bytes[1] != 0 || bytes[2] != 8 ||
      static_cast<size_t>(bytes[3]) != dimensions)
    throw Error(
        fmt::format("{}: no IDX file of bytes with {} dimensions", file.string(), dimensions));
  int64_t elems = 1;
  for (size_t d = 0; d < dimensions; ++d) {
    int64_t size = 0;
    for (size_t i = 0; i < 4; ++i)
      size = size * 256 + static_cast<unsigned char>(bytes[4 + 4 * d + i]);
    idx.sizes.push_back(size);
    elems *= size;
  }
  if (static_cast<int64_t>(bytes.size() - idx.header) != elems)
    throw Error(fmt::format("{}: {} bytes of data where its header promises {}", file.string(),
                            bytes.size() - idx.header, elems));
  return idx;
}

}  // namespace

Images read_idx(const std::filesystem::path& images, const std::filesystem::path& labels) {
  const Idx pixels = read(images, 3);
  const Idx names = read(labels, 1);
  if (names.sizes[0] != pixels.sizes[0])
    throw Error(fmt::format("{}: {} labels for {} images", labels.string(), names.sizes[0],
                            pixels.sizes[0]));
  Images result{.channels = 1,
                .height = pixels.sizes[1],
                .width = pixels.sizes[2],
                .pixels = {},
                .labels = {}};
  for (int64_t i = 0; i < pixels.sizes[0] * result.image_elems(); ++i)
    result.pixels.push_back(static_cast<float>(pixels.byte(i)));
  for (int64_t i = 0; i < names.sizes[0]; ++i) result.labels.push_back(names.byte(i));
  return result;
}

}  // namespace nn::data
