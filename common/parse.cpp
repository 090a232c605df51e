// SPDX-License-Identifier: Apache-2.0
#include "common/parse.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <limits>

namespace blasx::parse {
namespace {

constexpr std::string_view kSpace = " \t\r\n\f\v";

// std::tolower asks the locale; option names and suffixes are ASCII.
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

template <typename T>
Result<T> number(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range)
    return failure(StatusCode::InvalidArgument, "too large");
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) {
    return failure(StatusCode::InvalidArgument, text.empty() ? "empty" : "not a number");
  }
  return value;
}

// Takes K, KB or KiB (any letter of K M G T, any case) off the end; the factor it stood for.
double take_unit(std::string_view& text) {
  std::string_view rest = text;
  if (!rest.empty() && lower(rest.back()) == 'b') rest.remove_suffix(1);
  std::string_view stem = rest;
  if (stem.size() >= 2 && lower(stem.back()) == 'i') stem.remove_suffix(1);
  constexpr std::string_view kUnits = "kmgt";
  const size_t at = stem.empty() ? std::string_view::npos : kUnits.find(lower(stem.back()));
  if (at == std::string_view::npos) {
    text = rest;  // plain bytes, with or without "B"
    return 1;
  }
  stem.remove_suffix(1);
  text = stem;
  return std::ldexp(1.0, 10 * (static_cast<int>(at) + 1));
}

struct Unit {
  double size;
  const char* name;
};

template <size_t N>
std::string scaled(double value, const std::array<Unit, N>& units) {
  const Unit* unit = &units[0];
  for (const Unit& u : units) {
    if (std::fabs(value) >= u.size) unit = &u;
  }
  const double shown = value / unit->size;
  char buffer[48];
  const bool whole = shown == std::floor(shown) && std::fabs(shown) < 1e4;
  std::snprintf(buffer, sizeof buffer, whole || std::fabs(shown) >= 1000 ? "%.0f%s%s" : "%.3g%s%s",
                shown, unit->name[0] != '\0' ? " " : "", unit->name);
  return buffer;
}

}  // namespace

std::string_view trim(std::string_view text) {
  const size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> pieces;
  if (trim(text).empty()) return pieces;
  while (true) {
    const size_t at = text.find(separator);
    pieces.push_back(trim(text.substr(0, at)));
    if (at == std::string_view::npos) return pieces;
    text.remove_prefix(at + 1);
  }
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

Result<int64_t> integer(std::string_view text) { return number<int64_t>(trim(text)); }

Result<int64_t> integer_in(std::string_view text, int64_t lowest, int64_t highest) {
  auto value = integer(text);
  if (value && *value < lowest) return failure(StatusCode::InvalidArgument, "too small");
  if (value && *value > highest) return failure(StatusCode::InvalidArgument, "too large");
  return value;
}

Result<double> real(std::string_view text) {
  auto value = number<double>(trim(text));
  if (value && !std::isfinite(*value)) return failure(StatusCode::InvalidArgument, "not a number");
  return value;
}

Result<bool> boolean(std::string_view text) {
  text = trim(text);
  for (const char* yes : {"1", "on", "yes", "true"}) {
    if (equals_ignoring_case(text, yes)) return true;
  }
  for (const char* no : {"0", "off", "no", "false"}) {
    if (equals_ignoring_case(text, no)) return false;
  }
  return failure(StatusCode::InvalidArgument, text.empty() ? "empty" : "neither yes nor no");
}

Result<int64_t> bytes(std::string_view text) {
  text = trim(text);
  const double unit = take_unit(text);
  const auto value = real(text);
  if (!value) return failure(value.error());
  if (*value < 0) return failure(StatusCode::InvalidArgument, "negative");
  const double total = *value * unit;
  if (total >= static_cast<double>(std::numeric_limits<int64_t>::max())) {
    return failure(StatusCode::InvalidArgument, "too large");
  }
  return static_cast<int64_t>(total);
}

int64_t Amount::of(int64_t whole_bytes) const {
  if (fraction == 0) return bytes;
  return static_cast<int64_t>(fraction * static_cast<double>(whole_bytes));
}

Result<Amount> amount(std::string_view text) {
  text = trim(text);
  if (!text.empty() && text.back() == '%') {
    const auto percent = real(text.substr(0, text.size() - 1));
    if (!percent) return failure(percent.error());
    if (*percent <= 0) return failure(StatusCode::InvalidArgument, "not above 0%");
    if (*percent > 100) return failure(StatusCode::InvalidArgument, "above 100%");
    return Amount{.bytes = 0, .fraction = *percent / 100};
  }
  const auto absolute = bytes(text);
  if (!absolute) return failure(absolute.error());
  if (*absolute == 0) return failure(StatusCode::InvalidArgument, "nothing");
  return Amount{.bytes = *absolute, .fraction = 0};
}

std::string human_bytes(double bytes) {
  static constexpr std::array<Unit, 6> kUnits{{{1, "B"},
                                               {0x1p10, "KiB"},
                                               {0x1p20, "MiB"},
                                               {0x1p30, "GiB"},
                                               {0x1p40, "TiB"},
                                               {0x1p50, "PiB"}}};
  return scaled(bytes, kUnits);
}

std::string human_count(double count) {
  static constexpr std::array<Unit, 7> kUnits{
      {{1, ""}, {1e3, "k"}, {1e6, "M"}, {1e9, "G"}, {1e12, "T"}, {1e15, "P"}, {1e18, "E"}}};
  return scaled(count, kUnits);
}

std::string human_seconds(double seconds) {
  static constexpr std::array<Unit, 4> kUnits{{{1e-9, "ns"}, {1e-6, "us"}, {1e-3, "ms"}, {1, "s"}}};
  return scaled(seconds, kUnits);
}

}  // namespace blasx::parse
