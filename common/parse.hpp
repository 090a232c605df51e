// SPDX-License-Identifier: Apache-2.0
// Text to values, as users write them in variables and files: pure functions, no state, no locale.
// A refusal's message is a few words that fit after the value: "not a number", "too large".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/status.hpp"

namespace blasx::parse {

std::string_view trim(std::string_view text);
// Cut at every `separator`; pieces are trimmed; an empty text gives no piece.
std::vector<std::string_view> split(std::string_view text, char separator);
bool equals_ignoring_case(std::string_view a, std::string_view b);

// A whole decimal number; no sign but '-', no suffix.
Result<int64_t> integer(std::string_view text);
// As integer, refused outside [lowest, highest].
Result<int64_t> integer_in(std::string_view text, int64_t lowest, int64_t highest);
// Finite decimal number with optional fraction and exponent: "2e9".
Result<double> real(std::string_view text);
// 1 0 on off yes no true false, in any case.
Result<bool> boolean(std::string_view text);
// Bytes with an optional K, M, G or T (powers of 1024; "KiB" and "KB" mean the same). Fractions are
// allowed: 1.5G.
Result<int64_t> bytes(std::string_view text);

// Either an absolute amount or a share of something the reader does not know yet.
struct Amount {
  int64_t bytes = 0;
  double fraction = 0;  // in (0, 1] when the text was a percentage, else 0

  bool operator==(const Amount&) const = default;
  int64_t of(int64_t whole_bytes) const;
};
// bytes, or a percentage in (0, 100]: "512M", "80%".
Result<Amount> amount(std::string_view text);

// "4 KiB", "1.5 GiB", "512 B": three digits, for people.
std::string human_bytes(double bytes);
// "1.5 G", "20 k": decimal units, three digits.
std::string human_count(double count);
// "12.3 us", "4.56 s".
std::string human_seconds(double seconds);

}  // namespace blasx::parse
