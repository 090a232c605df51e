// SPDX-License-Identifier: Apache-2.0
#include "common/json.hpp"

#include <charconv>
#include <cmath>
#include <cstdio>

namespace blasx {

namespace {

// Whether the bytes are UTF-8 by form: a lead byte and as many continuation bytes as it announces.
bool is_utf8(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x80) continue;
    const size_t more = byte >= 0xf0 && byte < 0xf5   ? 3
                        : byte >= 0xe0 && byte < 0xf0 ? 2
                        : byte >= 0xc2 && byte < 0xe0 ? 1
                                                      : 0;
    if (more == 0 || i + more >= text.size()) return false;
    for (size_t k = 1; k <= more; ++k) {
      if ((static_cast<unsigned char>(text[i + k]) & 0xc0) != 0x80) return false;
    }
    i += more;
  }
  return true;
}

}  // namespace

void JsonWriter::separate() {
  if (needs_comma_) text_ += ',';
  needs_comma_ = true;
  break_line();
}

void JsonWriter::break_line() {
  if (wants_line_) text_ += '\n';
  wants_line_ = false;
}

// Names of programs and files may be any bytes; readers of JSON stop at what is not UTF-8.
void JsonWriter::quote(std::string_view text) {
  const bool keep_high_bytes = is_utf8(text);
  text_ += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      text_ += '\\';
      text_ += c;
    } else if (static_cast<unsigned char>(c) >= 0x80 && !keep_high_bytes) {
      text_ += '?';
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(c));
      text_ += escape;
    } else {
      text_ += c;
    }
  }
  text_ += '"';
}

JsonWriter& JsonWriter::begin_object() {
  separate();
  text_ += '{';
  needs_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::end_object() {
  break_line();
  text_ += '}';
  needs_comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::begin_array() {
  separate();
  text_ += '[';
  needs_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::end_array() {
  break_line();
  text_ += ']';
  needs_comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  separate();
  quote(name);
  text_ += ':';
  needs_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
  separate();
  quote(text);
  return *this;
}

JsonWriter& JsonWriter::value(int64_t number) {
  separate();
  text_ += std::to_string(number);
  return *this;
}

JsonWriter& JsonWriter::value(double number) {
  separate();
  if (!std::isfinite(number)) {
    text_ += "null";
    return *this;
  }
  char buffer[40];  // shortest text that reads back the same, in any locale
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, number);
  text_.append(buffer, error == std::errc() ? static_cast<size_t>(end - buffer) : 0);
  return *this;
}

JsonWriter& JsonWriter::value(bool flag) {
  separate();
  text_ += flag ? "true" : "false";
  return *this;
}

JsonWriter& JsonWriter::milli(int64_t thousandths) {
  separate();
  const bool negative = thousandths < 0;
  const uint64_t size =
      negative ? 0 - static_cast<uint64_t>(thousandths) : static_cast<uint64_t>(thousandths);
  const std::string fraction = std::to_string(1000 + size % 1000);
  if (negative) text_ += '-';
  text_ += std::to_string(size / 1000) + '.' + fraction.substr(1);
  return *this;
}

JsonWriter& JsonWriter::line() {
  wants_line_ = true;
  return *this;
}

}  // namespace blasx
