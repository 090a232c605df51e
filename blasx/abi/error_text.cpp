// SPDX-License-Identifier: Apache-2.0
#include "blasx/abi/error_text.hpp"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstring>

namespace blasx::abi {
namespace {

// Pairs of CBLAS positions that row-major calls exchange, for the routines whose names contain the text.
struct Exchange {
  std::string_view text;
  int pairs[2][2];
};
constexpr Exchange kExchanges[] = {
    {"gemmt",
     {{9, 11}, {0, 0}}},  // before gemm, whose name it contains: there is one size less to exchange
    {"gemm_batch_strided", {{4, 5}, {9, 12}}},
    {"gemm", {{4, 5}, {9, 11}}},
    {"symm", {{4, 5}, {0, 0}}},
    {"hemm", {{4, 5}, {0, 0}}},
    {"trmm", {{6, 7}, {0, 0}}},
    {"trsm", {{6, 7}, {0, 0}}},
    {"gemv", {{3, 4}, {0, 0}}},
    {"gbmv", {{3, 4}, {5, 6}}},
    {"ger", {{2, 3}, {6, 8}}},
};
constexpr Exchange kHermitianRank2 = {"", {{6, 8}, {0, 0}}};

bool has(std::string_view name, std::string_view text) {
  return name.find(text) != std::string_view::npos;
}

int exchanged(int position, const Exchange& exchange) {
  for (const auto& pair : exchange.pairs) {
    if (position == pair[0]) return pair[1];
    if (position == pair[1]) return pair[0];
  }
  return position;
}

void to_cblas(const char* fortran, size_t length, char* out) {
  out = std::copy_n("cblas_", 6, out);
  out = std::transform(fortran, fortran + length, out,
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  *out = '\0';
}

}  // namespace

ErrorName::ErrorName(Type type, const char* name) {
  constexpr size_t kLeast = 6;
  fortran_[0] = static_cast<char>(std::toupper(type_letter(type)));
  const size_t given = std::min(std::strlen(name), sizeof fortran_ - 1);
  std::transform(name, name + given, fortran_ + 1,
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  length_ = std::max(kLeast, given + 1);
  std::fill(fortran_ + 1 + given, fortran_ + length_, ' ');
  to_cblas(fortran_, given + 1, cblas_);
  to_cblas(fortran_, length_, padded_cblas_);
}

int row_major_position(int position, std::string_view name, bool row_major) {
  if (!row_major) return position;
  for (const Exchange& exchange : kExchanges)
    if (has(name, exchange.text)) return exchanged(position, exchange);
  if ((has(name, "her2") || has(name, "hpr2")) && !has(name, "her2k"))
    return exchanged(position, kHermitianRank2);
  return position;
}

void print_fortran_error(std::string_view name, int position) {
  std::fprintf(stderr, " ** On entry to %.*s parameter number %2d had an illegal value\n",
               static_cast<int>(name.size()), name.data(), position);
}

void print_cblas_error(std::string_view name, int position) {
  std::fprintf(stderr, "Parameter %d to routine %.*s was incorrect\n", position,
               static_cast<int>(name.size()), name.data());
}

}  // namespace blasx::abi
