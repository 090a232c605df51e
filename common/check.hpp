// SPDX-License-Identifier: Apache-2.0
// Checks of our own invariants: on failure they print both values and throw InternalError, which
// the outermost layer catches to fall back on the host. Never for the caller's mistakes or the
// machine's failures.
#pragma once

#include <concepts>
#include <stdexcept>
#include <string>
#include <type_traits>

namespace blasx {

class InternalError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

namespace check {

[[noreturn]] void fail(const char* file, int line, const char* condition);
[[noreturn]] void fail(const char* file, int line, const char* condition, const std::string& left,
                       const std::string& right);

std::string text_of(double value);
std::string text_of(const void* value);

// How a value is printed in a failed check: numbers, enums and pointers as they are, strong types
// by value().
template <typename T>
std::string value_text(const T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    return value ? "true" : "false";
  } else if constexpr (std::is_enum_v<T>) {
    return std::to_string(static_cast<std::underlying_type_t<T>>(value));
  } else if constexpr (std::is_integral_v<T>) {
    return std::to_string(value);
  } else if constexpr (std::is_floating_point_v<T>) {
    return text_of(static_cast<double>(value));
  } else if constexpr (std::is_convertible_v<T, std::string>) {
    return '"' + std::string(value) + '"';
  } else if constexpr (std::is_convertible_v<T, const void*>) {
    return text_of(static_cast<const void*>(value));
  } else if constexpr (requires { value.value(); }) {
    return value_text(value.value());
  } else {
    return "?";
  }
}

template <typename A, typename B>
[[noreturn]] void fail_comparison(const char* file, int line, const char* condition, const A& a,
                                  const B& b) {
  fail(file, line, condition, value_text(a), value_text(b));
}

}  // namespace check
}  // namespace blasx

#define BLASX_CHECK(condition)                              \
  do {                                                      \
    if (!(condition)) [[unlikely]]                          \
      ::blasx::check::fail(__FILE__, __LINE__, #condition); \
  } while (false)

#define BLASX_CHECK_OP_(a, op, b)                                                            \
  do {                                                                                       \
    const auto& blasx_check_a_ = (a);                                                        \
    const auto& blasx_check_b_ = (b);                                                        \
    if (!(blasx_check_a_ op blasx_check_b_)) [[unlikely]]                                    \
      ::blasx::check::fail_comparison(__FILE__, __LINE__, #a " " #op " " #b, blasx_check_a_, \
                                      blasx_check_b_);                                       \
  } while (false)

#define BLASX_CHECK_EQ(a, b) BLASX_CHECK_OP_(a, ==, b)
#define BLASX_CHECK_NE(a, b) BLASX_CHECK_OP_(a, !=, b)
#define BLASX_CHECK_LT(a, b) BLASX_CHECK_OP_(a, <, b)
#define BLASX_CHECK_LE(a, b) BLASX_CHECK_OP_(a, <=, b)
#define BLASX_CHECK_GT(a, b) BLASX_CHECK_OP_(a, >, b)
#define BLASX_CHECK_GE(a, b) BLASX_CHECK_OP_(a, >=, b)
