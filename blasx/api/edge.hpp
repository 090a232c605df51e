// SPDX-License-Identifier: Apache-2.0
// What every function of blasx.h goes through: nothing is thrown past it, failures leave their
// message with the thread.
#pragma once

#include <blasx/blasx.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <exception>
#include <string>

#include "common/status.hpp"

namespace blasx::api {

// Keeps the message for blasx_last_message() and returns the code as C has it.
blasx_status report(const Status& status) noexcept;

// `body` returns a Status.
template <typename Body>
blasx_status guarded(Body body) noexcept {
  try {
    return report(body());
  } catch (const std::bad_alloc&) {
    return BLASX_OUT_OF_MEMORY;
  } catch (const std::exception& error) {
    return report(Status(StatusCode::Internal, error.what()));
  }
}

// Cut off if need be, always ended.
template <size_t N>
void copy_text(char (&to)[N], const std::string& text) {
  const size_t length = std::min(N - 1, text.size());
  std::memcpy(to, text.data(), length);
  to[length] = '\0';
}

// Gives the caller as much of `full` as its struct has room for, by the size it states.
template <typename T>
Status hand_over(const T& full, T* out) {
  if (out == nullptr) return Status(StatusCode::InvalidArgument, "out is null");
  const size_t size = out->size;
  if (size < sizeof(size_t) || size > size_t{1} << 20) {
    return Status(StatusCode::InvalidArgument, "size of the struct is not set");
  }
  std::memcpy(out, &full, std::min(size, sizeof(T)));
  out->size = size;
  return {};
}

}  // namespace blasx::api
