// SPDX-License-Identifier: Apache-2.0
#include "tests/support/call_case.hpp"

namespace blasx::support {

bool is_triangular(Routine r) { return r == Routine::Trmm || r == Routine::Trsm; }

bool has_inner_dimension(Routine r) {
  return !is_triangular(r) && r != Routine::Symm && r != Routine::Hemm;
}

bool writes_triangle(Routine r) {
  return r == Routine::Gemmt || r == Routine::Syrk || r == Routine::Herk || r == Routine::Syr2k ||
         r == Routine::Her2k;
}

tile::Region written_region(const BlasCall& call) {
  if (!writes_triangle(call.routine)) return tile::Region::Full;
  return call.uplo == Uplo::Upper ? tile::Region::Upper : tile::Region::Lower;
}

std::string describe(const BlasCall& call) {
  constexpr const char* kOps[] = {"N", "T", "C"};
  std::ostringstream out;
  out << type_letter(call.type) << routine_name(call.routine)
      << (call.side == Side::Left ? " left" : " right")
      << (call.uplo == Uplo::Upper ? " upper" : " lower") << " trans "
      << kOps[static_cast<int>(call.trans_a)] << kOps[static_cast<int>(call.trans_b)]
      << (call.diag == Diag::Unit ? " unit" : "") << " m " << call.m << " n " << call.n << " k "
      << call.k << " alpha " << call.alpha << " beta " << call.beta << " ld " << call.lda << " "
      << call.ldb << " " << call.ldc;
  return out.str();
}

}  // namespace blasx::support
