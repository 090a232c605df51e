// SPDX-License-Identifier: Apache-2.0
#include "blasx/trace/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace blasx::trace {
namespace {

Status last_error() { return Status(StatusCode::IoError, std::strerror(errno)); }

Status write_with_flags(const std::string& path, int flags, std::string_view text) {
  const int fd = ::open(path.c_str(), flags | O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
  if (fd < 0) return last_error();
  while (!text.empty()) {
    const ssize_t n = ::write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      Status status = last_error();
      ::close(fd);
      return status;
    }
    text.remove_prefix(static_cast<size_t>(n));
  }
  return ::close(fd) == 0 ? Status() : last_error();
}

}  // namespace

std::string expand_path(std::string_view path, int64_t process_id) {
  std::string expanded;
  for (size_t i = 0; i < path.size(); ++i) {
    const char next = path[i] == '%' && i + 1 < path.size() ? path[i + 1] : '\0';
    if (next == 'p') {
      expanded += std::to_string(process_id);
    } else if (next == '%') {
      expanded += '%';
    } else {
      expanded += path[i];
      continue;
    }
    ++i;
  }
  return expanded;
}

Status replace_file(const std::string& path, std::string_view text) {
  struct stat info {};
  if (::stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode)) {
    return write_with_flags(path, 0, text);
  }
  const std::string beside = path + ".part" + std::to_string(::getpid());
  Status status = write_with_flags(beside, O_TRUNC, text);
  if (status && std::rename(beside.c_str(), path.c_str()) != 0) status = last_error();
  if (!status) ::unlink(beside.c_str());
  return status;
}

Status append_file(const std::string& path, std::string_view text) {
  return write_with_flags(path, O_APPEND, text);
}

}  // namespace blasx::trace
