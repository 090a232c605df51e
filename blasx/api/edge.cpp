// SPDX-License-Identifier: Apache-2.0
#include "blasx/api/edge.hpp"

namespace blasx::api {
namespace {

// Plain memory: a thread that never fails has nothing to destroy.
constexpr size_t kLongestMessage = 512;
thread_local constinit char t_last_message[kLongestMessage] = "";

blasx_status status_for_c(StatusCode code) {
  switch (code) {
    case StatusCode::Ok:
      return BLASX_OK;
    case StatusCode::InvalidArgument:
      return BLASX_INVALID_ARGUMENT;
    case StatusCode::NotFound:
      return BLASX_NOT_FOUND;
    case StatusCode::Unavailable:
      return BLASX_UNAVAILABLE;
    case StatusCode::OutOfMemory:
      return BLASX_OUT_OF_MEMORY;
    case StatusCode::DeviceLost:
      return BLASX_DEVICE_LOST;
    case StatusCode::IoError:
      return BLASX_IO_ERROR;
    case StatusCode::Unsupported:
      return BLASX_UNSUPPORTED;
    case StatusCode::Internal:
      return BLASX_INTERNAL;
  }
  return BLASX_INTERNAL;
}

}  // namespace

blasx_status report(const Status& status) noexcept {
  if (!status) copy_text(t_last_message, status.message());
  return status_for_c(status.code());
}

}  // namespace blasx::api

#define BLASX_STRING_(x) #x
#define BLASX_STRING(x) BLASX_STRING_(x)
#ifndef BLASX_COMMIT
#define BLASX_COMMIT "unknown"
#endif

extern "C" {

const char* blasx_version(void) {
  return BLASX_STRING(BLASX_VERSION_MAJOR) "." BLASX_STRING(BLASX_VERSION_MINOR) "." BLASX_STRING(
      BLASX_VERSION_PATCH) "+" BLASX_COMMIT;
}

const char* blasx_status_text(blasx_status status) {
  switch (status) {
    case BLASX_OK:
      return "ok";
    case BLASX_INVALID_ARGUMENT:
      return "invalid argument";
    case BLASX_NOT_FOUND:
      return "not found";
    case BLASX_UNAVAILABLE:
      return "unavailable";
    case BLASX_OUT_OF_MEMORY:
      return "out of memory";
    case BLASX_DEVICE_LOST:
      return "device lost";
    case BLASX_IO_ERROR:
      return "input/output error";
    case BLASX_UNSUPPORTED:
      return "unsupported";
    case BLASX_INTERNAL:
      return "internal error";
  }
  return "unknown status";
}

const char* blasx_last_message(void) { return blasx::api::t_last_message; }

}  // extern "C"
