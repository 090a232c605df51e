// SPDX-License-Identifier: Apache-2.0
#include "clients/nn/program/json_lines.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "clients/nn/error.hpp"

namespace nn {

JsonLines::JsonLines(const std::string& path, int64_t keep_bytes) {
  file_.reset(std::fopen(path.c_str(), "ab"));
  if (!file_) throw Error(fmt::format("{}: {}", path, std::strerror(errno)));
  if (static_cast<int64_t>(std::filesystem::file_size(path)) < keep_bytes)
    throw Error(
        fmt::format("{}: shorter than the {} bytes it had at the checkpoint", path, keep_bytes));
  std::filesystem::resize_file(path, static_cast<uintmax_t>(keep_bytes));
  std::fseek(file_.get(), 0, SEEK_END);
}

void JsonLines::write(const std::string& object) {
  if (file_) fmt::print(file_.get(), "{}\n", object);
}

int64_t JsonLines::bytes() {
  if (!file_) return 0;
  std::fflush(file_.get());
  return std::ftell(file_.get());
}

}  // namespace nn
