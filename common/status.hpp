// SPDX-License-Identifier: Apache-2.0
// The value an expected failure is returned as: a code to act on and a sentence to show. Owned by
// its holder.
#pragma once

#include <cstdint>
#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace blasx {

enum class StatusCode : uint8_t {
  Ok,
  InvalidArgument,  // the caller's value is not one of those accepted
  NotFound,         // a file, library, symbol or device that is not there
  Unavailable,      // there, but refused for now: busy, shared, limited
  OutOfMemory,      // an allocation refused, on the host or on a device
  DeviceLost,       // a device answered with an error it will not recover from
  IoError,          // the operating system refused to read or write
  Unsupported,      // right to ask for, not built or not possible on this machine
  Internal,         // a broken invariant, seen from outside
};

// "out of memory" and the like, for messages.
const char* status_code_name(StatusCode code);

class [[nodiscard]] Status {
 public:
  Status() = default;
  explicit Status(StatusCode code, std::string message = {})
      : code_(code), message_(std::move(message)) {}

  bool ok() const { return code_ == StatusCode::Ok; }
  explicit operator bool() const { return ok(); }
  StatusCode code() const { return code_; }
  const std::string& message() const { return message_; }
  // "out of memory: arena of 4096 bytes refused"; "ok" when there is no failure.
  std::string to_string() const;

  bool operator==(const Status&) const = default;

 private:
  StatusCode code_ = StatusCode::Ok;
  std::string message_;
};

// A T, or the Status that says why there is none. A class and not an alias, because only a class
// can be
// [[nodiscard]]; tl::expected's operations are inherited (and_then alone insists on a plain
// tl::expected).
template <typename T>
class [[nodiscard]] Result : public tl::expected<T, Status> {
 public:
  using Base = tl::expected<T, Status>;
  using Base::Base;
  Result(Base base) : Base(std::move(base)) {}  // NOLINT(google-explicit-constructor)

  // The failure as a Status, or Ok: for callers that need no value.
  Status status() const { return this->has_value() ? Status{} : this->error(); }
};

// `return failure(StatusCode::NotFound, "no such device");` in a function returning Result<T>.
inline tl::unexpected<Status> failure(StatusCode code, std::string message) {
  return tl::unexpected<Status>(Status(code, std::move(message)));
}
inline tl::unexpected<Status> failure(Status status) {
  return tl::unexpected<Status>(std::move(status));
}

}  // namespace blasx
