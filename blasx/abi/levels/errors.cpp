// SPDX-License-Identifier: Apache-2.0
// The error handlers and helpers that a whole BLAS has. They say what is wrong and return: ending the program is the
// program's business. A program's own definitions come before these.
#include <cctype>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <string>

#include "blasx/abi/error_text.hpp"

#define BLASX_EXPORT extern "C" __attribute__((visibility("default")))

// Set by the reference's CBLAS, when it is the host BLAS, around its calls of Fortran's routines.
BLASX_EXPORT int CBLAS_CallFromC;
BLASX_EXPORT int RowMajorStrg;
int CBLAS_CallFromC = 0;
int RowMajorStrg = 0;

BLASX_EXPORT void cblas_xerbla(int position, const char* name, const char* form, ...);

namespace {

constexpr size_t kLongest = 32;

// C programs leave the length out, so it may be anything: names end at the first character that is in no name.
std::string padded_name(const char* name, size_t length) {
  constexpr size_t kLeast = 6;
  std::string text;
  for (size_t i = 0; i < length && i < kLongest; ++i) {
    const auto c = static_cast<unsigned char>(name[i]);
    if (std::isalnum(c) == 0 && c != '_') break;
    text += name[i];
  }
  if (text.size() < kLeast) text.resize(kLeast, ' ');
  return text;
}

void handle(const char* name, int position, size_t length) {
  std::string text = padded_name(name, length);
  if (CBLAS_CallFromC == 0) return blasx::abi::print_fortran_error(text, position);
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  cblas_xerbla(position + 1, ("cblas_" + text).c_str(), "");
}

}  // namespace

BLASX_EXPORT void xerbla_(const char* name, const int32_t* position, size_t length) {
  handle(name, *position, length);
}
BLASX_EXPORT void xerbla_64_(const char* name, const int64_t* position, size_t length) {
  handle(name, static_cast<int>(*position), length);
}
BLASX_EXPORT void xerbla_array_(const char* name, const int32_t* length, const int32_t* position,
                                size_t /*element_length*/) {
  const std::string text(name, *length > 0 ? static_cast<size_t>(*length) : 0);
  xerbla_(text.c_str(), position, text.size());
}

void cblas_xerbla(int position, const char* name, const char* form, ...) {
  if (position != 0)
    blasx::abi::print_cblas_error(
        name, blasx::abi::row_major_position(position, name, RowMajorStrg != 0));
  va_list arguments;
  va_start(arguments, form);
  std::vfprintf(stderr, form, arguments);
  va_end(arguments);
}
BLASX_EXPORT decltype(cblas_xerbla) cblas_xerbla64_ __attribute__((alias("cblas_xerbla")));
BLASX_EXPORT decltype(cblas_xerbla) cblas_xerbla_64 __attribute__((alias("cblas_xerbla")));

// A LOGICAL of either width.
BLASX_EXPORT int64_t lsame_(const char* a, const char* b, size_t, size_t) {
  return std::toupper(static_cast<unsigned char>(*a)) ==
                 std::toupper(static_cast<unsigned char>(*b))
             ? 1
             : 0;
}
BLASX_EXPORT decltype(lsame_) lsame_64_ __attribute__((alias("lsame_")));
