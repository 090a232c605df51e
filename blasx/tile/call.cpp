// SPDX-License-Identifier: Apache-2.0
#include "blasx/tile/call.hpp"

namespace blasx {
namespace {

// Real multiply-adds counted as 2 operations.
double real_operations(const BlasCall& call) {
  const auto m = static_cast<double>(call.m);
  const auto n = static_cast<double>(call.n);
  const auto k = static_cast<double>(call.k);
  const double side = call.side == Side::Left ? m : n;
  switch (call.routine) {
    case Routine::Gemm:
    case Routine::Gemm3m:
      return 2 * m * n * k;
    case Routine::Gemmt:
    case Routine::Syrk:
    case Routine::Herk:
      return n * (n + 1) * k;
    case Routine::Syr2k:
    case Routine::Her2k:
      return 2 * n * (n + 1) * k;
    case Routine::Symm:
    case Routine::Hemm:
      return 2 * m * n * side;
    case Routine::Trmm:
    case Routine::Trsm:
      return m * n * side;
  }
  return 0;
}

constexpr const char* kRoutineNames[kRoutineCount] = {
    "gemm", "gemm3m", "gemmt", "symm", "hemm", "syrk", "herk", "syr2k", "her2k", "trmm", "trsm"};
}  // namespace

double operation_count(const BlasCall& call) {
  return real_operations(call) * (is_complex(call.type) ? 4 : 1);
}

const char* routine_name(Routine r) { return kRoutineNames[static_cast<int>(r)]; }

char type_letter(Type t) { return "sdcz"[static_cast<int>(t)]; }

}  // namespace blasx
