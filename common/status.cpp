// SPDX-License-Identifier: Apache-2.0
#include "common/status.hpp"

namespace blasx {

const char* status_code_name(StatusCode code) {
  switch (code) {
    case StatusCode::Ok:
      return "ok";
    case StatusCode::InvalidArgument:
      return "invalid argument";
    case StatusCode::NotFound:
      return "not found";
    case StatusCode::Unavailable:
      return "unavailable";
    case StatusCode::OutOfMemory:
      return "out of memory";
    case StatusCode::DeviceLost:
      return "device lost";
    case StatusCode::IoError:
      return "input/output error";
    case StatusCode::Unsupported:
      return "unsupported";
    case StatusCode::Internal:
      return "internal error";
  }
  return "unknown";
}

std::string Status::to_string() const {
  std::string text = status_code_name(code_);
  if (!message_.empty()) text += ": " + message_;
  return text;
}

}  // namespace blasx
