// SPDX-License-Identifier: Apache-2.0
#include "common/check.hpp"

#include <cstdio>
#include <cstring>

namespace blasx::check {
namespace {

// The file's own name is enough to find it, and says nothing about the machine it was compiled on.
std::string place(const char* file, int line) {
  const char* slash = std::strrchr(file, '/');
  return std::string(slash != nullptr ? slash + 1 : file) + ":" + std::to_string(line);
}

}  // namespace

void fail(const char* file, int line, const char* condition) {
  throw InternalError(place(file, line) + ": check failed: " + condition);
}

void fail(const char* file, int line, const char* condition, const std::string& left,
          const std::string& right) {
  throw InternalError(place(file, line) + ": check failed: " + condition + " (" + left + " vs " +
                      right + ")");
}

std::string text_of(double value) {
  char buffer[40];
  std::snprintf(buffer, sizeof buffer, "%.17g", value);
  return buffer;
}

std::string text_of(const void* value) {
  char buffer[40];
  std::snprintf(buffer, sizeof buffer, "%p", value);
  return buffer;
}

}  // namespace blasx::check
