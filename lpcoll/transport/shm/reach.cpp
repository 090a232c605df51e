// SPDX-License-Identifier: Apache-2.0
#include "lpcoll/transport/shm/reach.hpp"

#include <sys/uio.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace lpcoll::shm {
namespace {

// The kernel may stop early, at the end of what it can reach.
template <typename Move>
blasx::Status all_of(int64_t bytes, const char* what, Move&& move) {
  for (int64_t done = 0; done < bytes;) {
    const ssize_t moved = move(done, static_cast<size_t>(bytes - done));
    if (moved > 0) {
      done += moved;
    } else if (moved == 0 || errno != EINTR) {
      return blasx::Status(blasx::StatusCode::Unavailable,
                           std::string(what) + " another rank's memory: " +
                               (moved == 0 ? "nothing moves" : std::strerror(errno)));
    }
  }
  return {};
}

iovec span_of(const std::byte* at, size_t bytes) { return {const_cast<std::byte*>(at), bytes}; }

}  // namespace

blasx::Status read_from(pid_t process, std::byte* to, const std::byte* from, int64_t bytes) {
  return all_of(bytes, "reading", [&](int64_t done, size_t rest) {
    const iovec here = span_of(to + done, rest), there = span_of(from + done, rest);
    return ::process_vm_readv(process, &here, 1, &there, 1, 0);
  });
}

blasx::Status write_to(pid_t process, std::byte* to, const std::byte* from, int64_t bytes) {
  return all_of(bytes, "writing", [&](int64_t done, size_t rest) {
    const iovec here = span_of(from + done, rest), there = span_of(to + done, rest);
    return ::process_vm_writev(process, &here, 1, &there, 1, 0);
  });
}

}  // namespace lpcoll::shm
