// SPDX-License-Identifier: Apache-2.0
// The IDX format of the MNIST files (unsigned bytes, big-endian sizes), gzip-compressed or not. A GzipReader owns its
// stream; the header is pure text in, values out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/status.hpp"

namespace ooc_gemm::ann {

using blasx::Result;
using blasx::Status;
using blasx::StatusCode;

struct IdxHeader {
  std::vector<int64_t> sides;
  int64_t header_bytes() const { return 4 + 4 * static_cast<int64_t>(sides.size()); }
  int64_t row_bytes() const;  // of one item: all sides but the first
};

// From the first bytes of a file, 4 + 4 x dimensions of them; refused by name and offset.
Result<IdxHeader> parse_idx_header(const std::string& path, std::string_view prefix);
inline constexpr int64_t kIdxPrefixBytes = 4 + 4 * 4;

// A file read from its beginning, unpacked where it is packed.
class GzipReader {
 public:
  static Result<GzipReader> open(const std::string& path);
  GzipReader(GzipReader&& other) noexcept;
  GzipReader& operator=(GzipReader&&) = delete;
  ~GzipReader();

  // All of `bytes`, or a refusal that says where the file ends or is damaged.
  Status read(void* to, int64_t bytes);
  // Up to `bytes`; fewer at the end.
  Result<int64_t> read_some(void* to, int64_t bytes);
  // True for a file that is not packed: its bytes are where they seem.
  bool is_plain() const;

 private:
  GzipReader(void* stream, std::string path) : stream_(stream), path_(std::move(path)) {}
  void* stream_;
  std::string path_;
  int64_t offset_ = 0;  // in what it unpacks to
};

}  // namespace ooc_gemm::ann
