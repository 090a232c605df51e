// SPDX-License-Identifier: Apache-2.0
// Reads values out of JSON and says exactly what is wrong: file, key, what is accepted. It borrows the document; the first
// fault is thrown and caught at the border of the machine file reader.
#pragma once

#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>
#include <string>

namespace blasx::device::sim {

class FileFault : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class JsonReader {
 public:
  JsonReader(const nlohmann::json& value, std::string file, std::string path)
      : value_(value), file_(std::move(file)), path_(std::move(path)) {}

  bool has(const char* key) const { return value_.contains(key); }
  JsonReader at(const char* key, const char* accepted) const;
  JsonReader at(size_t index) const;
  size_t size() const { return value_.size(); }

  // The value must be of this kind, or the fault says what would be accepted.
  void need_object(const std::set<std::string>& keys) const;  // and have no other keys
  void need_array(const char* accepted) const;

  std::string text(const char* key) const;
  std::string text() const;
  double positive(const char* key) const;
  double positive_or(const char* key, double otherwise) const;
  double not_negative_or(const char* key, double otherwise) const;
  int32_t count_or(const char* key, int32_t otherwise, int32_t least) const;
  bool flag_or(const char* key, bool otherwise) const;
  double number() const;

  const nlohmann::json& value() const { return value_; }
  [[noreturn]] void refuse(const std::string& why) const;
  [[noreturn]] void refuse(const char* key, const std::string& why) const;

 private:
  std::string path_of(const char* key) const;

  const nlohmann::json& value_;
  std::string file_, path_;
};

}  // namespace blasx::device::sim
