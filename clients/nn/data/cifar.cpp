// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "clients/nn/data/files.hpp"
#include "clients/nn/error.hpp"

namespace nn::data {

Images read_cifar(const std::vector<std::filesystem::path>& files) {
  Images result{.channels = 3, .height = 32, .width = 32, .pixels = {}, .labels = {}};
  const auto record = static_cast<size_t>(1 + result.image_elems());
  for (const std::filesystem::path& file : files) {
    const std::string bytes = contents(file);
    if (bytes.empty() || bytes.size() % record != 0)
      throw Error(fmt::format("{}: {} bytes are no whole number of records of {}", file.string(),
                              bytes.size(), record));
    for (size_t i = 0; i < bytes.size(); ++i) {
      const auto byte = static_cast<unsigned char>(bytes[i]);
      if (i % record == 0)
        result.labels.push_back(byte);
      else
        result.pixels.push_back(static_cast<float>(byte));
    }
  }
  return result;
}

}  // namespace nn::data
