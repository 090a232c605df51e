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

std::array<Matrix, 3> matrices_of(const BlasCall& call) {
  const auto matrix = [](const void* p, int64_t rows, int64_t cols, int64_t ld) {
    return Matrix{static_cast<std::byte*>(const_cast<void*>(p)), rows, cols, ld};
  };
  const auto operand = [&](const void* p, int64_t rows, int64_t cols, int64_t ld, Op op) {
    return op == Op::NoTrans ? matrix(p, rows, cols, ld) : matrix(p, cols, rows, ld);
  };
  const int64_t side = call.side == Side::Left ? call.m : call.n;
  const Matrix c = matrix(call.c, call.m, call.n, call.ldc);
  switch (call.routine) {
    case Routine::Gemm:
    case Routine::Gemm3m:
    case Routine::Gemmt:
      return {operand(call.a, call.m, call.k, call.lda, call.trans_a),
              operand(call.b, call.k, call.n, call.ldb, call.trans_b), c};
    case Routine::Symm:
    case Routine::Hemm:
      return {matrix(call.a, side, side, call.lda), matrix(call.b, call.m, call.n, call.ldb), c};
    case Routine::Syrk:
    case Routine::Herk:
      return {operand(call.a, call.n, call.k, call.lda, call.trans_a), {}, c};
    case Routine::Syr2k:
    case Routine::Her2k:
      return {operand(call.a, call.n, call.k, call.lda, call.trans_a),
              operand(call.b, call.n, call.k, call.ldb, call.trans_a), c};
    case Routine::Trmm:
    case Routine::Trsm:
      return {matrix(call.a, side, side, call.lda), {}, c};
  }
  return {};
}

}  // namespace blasx
