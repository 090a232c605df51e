// SPDX-License-Identifier: Apache-2.0
#include "ooc_gemm/ann/row_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <utility>

#include "ooc_gemm/storage/file.hpp"

namespace ooc_gemm::ann {

using storage::io_failure;

RowFile& RowFile::operator=(RowFile&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(path_, other.path_);
  return *this;
}

RowFile::~RowFile() {
  if (descriptor_ >= 0) close(descriptor_);
}

Result<RowFile> RowFile::open(const std::string& path) {
  RowFile file;
  file.path_ = path;
  file.descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file.descriptor_ < 0) return blasx::failure(io_failure(path, -1, "cannot open", errno));
  return file;
}

Result<RowFile> RowFile::scratch(const std::string& folder, const std::string& what,
                                 int64_t bytes) {
  RowFile file;
  file.path_ = folder + "/ann-train-" + what + "-XXXXXX";
  file.descriptor_ = mkostemp(file.path_.data(), O_CLOEXEC);
  if (file.descriptor_ < 0)
    return blasx::failure(io_failure(file.path_, -1, "cannot create", errno));
  unlink(file.path_.c_str());
  const int refused = bytes > 0 ? posix_fallocate(file.descriptor_, 0, bytes) : 0;
  if (refused != 0 && refused != EOPNOTSUPP && refused != EINVAL) {
    return blasx::failure(io_failure(
        file.path_, 0, ("cannot reserve " + std::to_string(bytes) + " bytes").c_str(), refused));
  }
  return file;
}

Status RowFile::read(int64_t offset, void* to, int64_t bytes) const {
  for (int64_t done = 0; done < bytes;) {
    const ssize_t got = pread(descriptor_, static_cast<char*>(to) + done,
                              static_cast<size_t>(bytes - done), offset + done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return io_failure(path_, offset + done, "cannot read", errno);
    if (got == 0) {
      return Status(StatusCode::IoError,
                    path_ + ": offset " + std::to_string(offset + done) + ": the file ends here; " +
                        std::to_string(bytes - done) + " more bytes were expected");
    }
    done += got;
  }
  return {};
}

Status RowFile::write(int64_t offset, const void* from, int64_t bytes) const {
  for (int64_t done = 0; done < bytes;) {
    const ssize_t put = pwrite(descriptor_, static_cast<const char*>(from) + done,
                               static_cast<size_t>(bytes - done), offset + done);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return io_failure(path_, offset + done, "cannot write", put < 0 ? errno : ENOSPC);
    done += put;
  }
  return {};
}

}  // namespace ooc_gemm::ann
