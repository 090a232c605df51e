// SPDX-License-Identifier: Apache-2.0
#include "ooc_gemm/ann/idx.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "ooc_gemm/storage/file.hpp"

namespace ooc_gemm::ann {

int64_t IdxHeader::row_bytes() const {
  int64_t bytes = 1;
  for (size_t i = 1; i < sides.size(); ++i) bytes *= sides[i];
  return bytes;
}

Result<IdxHeader> parse_idx_header(const std::string& path, std::string_view prefix) {
  const auto byte = [&](size_t at) { return static_cast<unsigned char>(prefix[at]); };
  const auto refuse = [&](size_t offset, const std::string& why) {
    return blasx::failure(StatusCode::InvalidArgument,
                          fmt::format("{}: offset {}: {}", path, offset, why));
  };
  if (prefix.size() < 4 || byte(0) != 0 || byte(1) != 0) return refuse(0, "not an IDX file");
  if (byte(2) != 8)
    return refuse(2, fmt::format("type {:#x}; unsigned bytes (0x8) are accepted", byte(2)));
  const size_t dimensions = byte(3);
  if (dimensions < 1 || dimensions > 4) {
    return refuse(3, fmt::format("{} dimensions; 1 to 4 are accepted", dimensions));
  }
  if (prefix.size() < 4 + 4 * dimensions)
    return refuse(prefix.size(), "the file ends inside its header");
  IdxHeader header;
  double bytes = 1;
  for (size_t i = 0; i < dimensions; ++i) {
    int64_t side = 0;
    for (size_t b = 0; b < 4; ++b) side = side << 8 | byte(4 + 4 * i + b);
    header.sides.push_back(side);
    bytes *= static_cast<double>(side);
  }
  if (bytes > 1e15) return refuse(4, "the shape is too large");
  return header;
}

Result<GzipReader> GzipReader::open(const std::string& path) {
  errno = 0;
  gzFile stream = gzopen(path.c_str(), "rb");
  if (stream == nullptr)
    return blasx::failure(
        storage::io_failure(path, -1, "cannot open", errno != 0 ? errno : ENOMEM));
  return GzipReader(stream, path);
}

GzipReader::GzipReader(GzipReader&& other) noexcept
    : stream_(std::exchange(other.stream_, nullptr)),
      path_(std::move(other.path_)),
      offset_(other.offset_) {}

GzipReader::~GzipReader() {
  if (stream_ != nullptr) gzclose(static_cast<gzFile>(stream_));
}

Result<int64_t> GzipReader::read_some(void* to, int64_t bytes) {
  constexpr int64_t kAtOnce = 1 << 30;
  int64_t done = 0;
  while (done < bytes) {
    const int got = gzread(static_cast<gzFile>(stream_), static_cast<char*>(to) + done,
                           static_cast<unsigned>(std::min(bytes - done, kAtOnce)));
    int code = 0;
    const char* words = gzerror(static_cast<gzFile>(stream_), &code);
    if (got < 0 || code != Z_OK) {
      return blasx::failure(
          StatusCode::IoError,
          fmt::format("{}: unpacked offset {}: {}", path_, offset_,
                      code == Z_BUF_ERROR ? "the packed file ends too early" : words));
    }
    if (got == 0) break;
    done += got;
    offset_ += got;
  }
  return done;
}

Status GzipReader::read(void* to, int64_t bytes) {
  const auto got = read_some(to, bytes);
  if (!got) return got.error();
  if (*got < bytes) {
    return Status(StatusCode::IoError,
                  fmt::format("{}: offset {}: the file ends here; {} more bytes were expected",
                              path_, offset_, bytes - *got));
  }
  return {};
}

bool GzipReader::is_plain() const { return gzdirect(static_cast<gzFile>(stream_)) == 1; }

}  // namespace ooc_gemm::ann
