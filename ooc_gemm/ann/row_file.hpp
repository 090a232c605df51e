// SPDX-License-Identifier: Apache-2.0
// Bytes in a file that is there while we run: rows of samples, panels of weights. Owns the descriptor. Reading and
// writing different places is safe from several threads.
#pragma once

#include <cstdint>
#include <string>

#include "common/status.hpp"

namespace ooc_gemm::ann {

using blasx::Result;
using blasx::Status;
using blasx::StatusCode;

class RowFile {
 public:
  RowFile() = default;
  RowFile(RowFile&& other) noexcept { *this = std::move(other); }
  RowFile& operator=(RowFile&& other) noexcept;
  ~RowFile();

  static Result<RowFile> open(const std::string& path);
  // Without a name, gone with us; `what` and the folder stand in messages. Its blocks are taken from the disk now.
  static Result<RowFile> scratch(const std::string& folder, const std::string& what, int64_t bytes);

  bool is_open() const { return descriptor_ >= 0; }
  Status read(int64_t offset, void* to, int64_t bytes) const;
  Status write(int64_t offset, const void* from, int64_t bytes) const;

 private:
  int descriptor_ = -1;
  std::string path_;
};

}  // namespace ooc_gemm::ann
