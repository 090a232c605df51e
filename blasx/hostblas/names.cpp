// SPDX-License-Identifier: Apache-2.0
#include "blasx/hostblas/names.hpp"

namespace blasx::hostblas {
namespace {

// Names with a suffix first: they leave no doubt about the width.
constexpr Spelling kPlain32[] = {{"", "_", ""}, {"", "", ""}};
constexpr Spelling kPlain64[] = {
    {"", "_64_", "64_"}, {"", "_64_", "_64"}, {"", "_64", "_64"}, {"", "_", ""}};
constexpr Spelling kWheel32[] = {{"scipy_", "_", ""}};
constexpr Spelling kWheel64[] = {{"scipy_", "_64_", "64_"}};

bool exists(Routine r, Type t) {
  switch (r) {
    case Routine::Gemm3m:
    case Routine::Hemm:
    case Routine::Herk:
    case Routine::Her2k:
      return is_complex(t);
    default:
      return true;
  }
}

}  // namespace

std::span<const Spelling> spellings(bool ilp64) {
  return ilp64 ? std::span<const Spelling>(kPlain64) : std::span<const Spelling>(kPlain32);
}
std::span<const Spelling> wheel_spellings(bool ilp64) {
  return ilp64 ? std::span<const Spelling>(kWheel64) : std::span<const Spelling>(kWheel32);
}

std::string base_name(Routine r, Type t) {
  if (!exists(r, t)) return {};
  return std::string(1, type_letter(t)) + routine_name(r);
}

const char* alias(Routine r) { return r == Routine::Gemmt ? "gemmtr" : nullptr; }

std::string fortran_name(const Spelling& s, const std::string& base) {
  return s.prefix + base + s.fortran_suffix;
}
std::string cblas_name(const Spelling& s, const std::string& base) {
  return std::string(s.prefix) + "cblas_" + base + s.cblas_suffix;
}

std::string base_name(Extension e, Type t) {
  const char* name = e == Extension::GemmBatch ? "gemm_batch" : "gemm_batch_strided";
  return std::string(1, type_letter(t)) + name;
}

}  // namespace blasx::hostblas
