// SPDX-License-Identifier: Apache-2.0
// Writes JSON text piece by piece, commas and escapes in place. A writer owns the text until
// take().
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace blasx {

//   JsonWriter json;
//   json.begin_object().key("n").value(3).end_object();
class JsonWriter {
 public:
  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  JsonWriter& key(std::string_view name);
  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(int64_t number);
  JsonWriter& value(int number) { return value(static_cast<int64_t>(number)); }
  JsonWriter& value(double number);  // null where JSON has no word for it (NaN, infinities)
  JsonWriter& value(bool flag);
  // Thousandths, exactly: 1234 is written 1.234.
  JsonWriter& milli(int64_t thousandths);
  // The next piece starts a new line, to keep large files readable.
  JsonWriter& line();

  template <typename T>
  JsonWriter& member(std::string_view name, const T& v) {
    return key(name).value(v);
  }

  const std::string& text() const { return text_; }
  std::string take() { return std::move(text_); }

 private:
  void separate();
  void break_line();
  void quote(std::string_view text);

  std::string text_;
  bool needs_comma_ = false;
  bool wants_line_ = false;
};

}  // namespace blasx
