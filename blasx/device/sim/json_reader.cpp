// SPDX-License-Identifier: Apache-2.0
#include "blasx/device/sim/json_reader.hpp"

#include <cmath>
#include <cstdint>

namespace blasx::device::sim {

std::string JsonReader::path_of(const char* key) const {
  return path_.empty() ? key : path_ + "." + key;
}

void JsonReader::refuse(const std::string& why) const {
  throw FileFault(file_ + ": " + (path_.empty() ? "the whole" : path_) + ": " + why);
}

void JsonReader::refuse(const char* key, const std::string& why) const {
  throw FileFault(file_ + ": " + path_of(key) + ": " + why);
}

JsonReader JsonReader::at(const char* key, const char* accepted) const {
  if (!has(key)) refuse(key, std::string("missing; accepted: ") + accepted);
  return {value_.at(key), file_, path_of(key)};
}

JsonReader JsonReader::at(size_t index) const {
  return {value_.at(index), file_, path_ + "[" + std::to_string(index) + "]"};
}

void JsonReader::need_object(const std::set<std::string>& keys) const {
  std::string list;
  for (const std::string& key : keys) list += (list.empty() ? "" : ", ") + key;
  if (!value_.is_object()) refuse("accepted: an object with the keys " + list);
  for (const auto& [key, unused] : value_.items()) {
    if (!keys.contains(key)) refuse(key.c_str(), "no such key; accepted: " + list);
  }
}

void JsonReader::need_array(const char* accepted) const {
  if (!value_.is_array() || value_.empty()) refuse(std::string("accepted: ") + accepted);
}

std::string JsonReader::text() const {
  if (!value_.is_string() || value_.get_ref<const std::string&>().empty()) {
    refuse("accepted: some text");
  }
  return value_.get<std::string>();
}

std::string JsonReader::text(const char* key) const { return at(key, "some text").text(); }

double JsonReader::number() const {
  if (!value_.is_number()) refuse("accepted: a number");
  return value_.get<double>();
}

double JsonReader::positive(const char* key) const {
  const JsonReader entry = at(key, "a number above 0");
  const double number = entry.value_.is_number() ? entry.number() : 0;
  if (!(number > 0)) entry.refuse("accepted: a number above 0");
  return number;
}

double JsonReader::positive_or(const char* key, double otherwise) const {
  return has(key) ? positive(key) : otherwise;
}

double JsonReader::not_negative_or(const char* key, double otherwise) const {
  if (!has(key)) return otherwise;
  const JsonReader entry = at(key, "");
  if (!entry.value_.is_number() || entry.number() < 0)
    entry.refuse("accepted: a number, 0 or more");
  return entry.number();
}

int32_t JsonReader::count_or(const char* key, int32_t otherwise, int32_t least) const {
  if (!has(key)) return otherwise;
  constexpr int32_t kMost = 4096;
  const JsonReader entry = at(key, "");
  const bool good = entry.value_.is_number_integer() && entry.value_.get<int64_t>() >= least &&
                    entry.value_.get<int64_t>() <= kMost;
  if (!good) {
    entry.refuse("accepted: a whole number from " + std::to_string(least) + " to " +
                 std::to_string(kMost));
  }
  return entry.value_.get<int32_t>();
}

bool JsonReader::flag_or(const char* key, bool otherwise) const {
  if (!has(key)) return otherwise;
  const JsonReader entry = at(key, "");
  if (!entry.value_.is_boolean()) entry.refuse("accepted: true or false");
  return entry.value_.get<bool>();
}

}  // namespace blasx::device::sim
