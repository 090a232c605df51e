// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <zlib.h>

#include <array>
#include <memory>

#include "clients/nn/data/files.hpp"
#include "clients/nn/error.hpp"

namespace nn::data {

std::string contents(const std::filesystem::path& file) {
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> in(gzopen(file.c_str(), "rb"), gzclose);
  if (!in) throw Error(fmt::format("{}: cannot be opened", file.string()));
  std::string bytes;
  std::array<char, 1 << 16> piece{};
  int got = 0;
  while ((got = gzread(in.get(), piece.data(), piece.size())) > 0)
    bytes.append(piece.data(), static_cast<size_t>(got));
  int code = Z_OK;
  const char* why = gzerror(in.get(), &code);
  if (got < 0 || code != Z_OK)
    throw Error(fmt::format("{}: {}", file.string(), *why != '\0' ? why : "cannot be read"));
  return bytes;
}

}  // namespace nn::data
