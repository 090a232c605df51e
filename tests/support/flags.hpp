// SPDX-License-Identifier: Apache-2.0
// Every combination of flags that a routine takes in a type, as calls without sizes.
#pragma once

#include <vector>

#include "blasx/tile/call.hpp"
#include "tests/support/call_case.hpp"

namespace blasx::support {

inline bool exists(Routine r, Type t) {
  const bool complex_only =
      r == Routine::Hemm || r == Routine::Herk || r == Routine::Her2k || r == Routine::Gemm3m;
  return is_complex(t) || !complex_only;
}

inline std::vector<Op> ops_of(Routine r, Type t) {
  switch (r) {
    case Routine::Herk:
    case Routine::Her2k:
      return {Op::NoTrans, Op::ConjTrans};
    case Routine::Syrk:
    case Routine::Syr2k:
      if (is_complex(t)) return {Op::NoTrans, Op::Trans};
      return {Op::NoTrans, Op::Trans, Op::ConjTrans};
    case Routine::Symm:
    case Routine::Hemm:
      return {Op::NoTrans};
    default:
      return {Op::NoTrans, Op::Trans, Op::ConjTrans};
  }
}

inline std::vector<BlasCall> all_flags(Routine r, Type t) {
  const bool sided = !has_inner_dimension(r);
  const bool triangle = sided || writes_triangle(r);
  const bool product = r == Routine::Gemm || r == Routine::Gemm3m || r == Routine::Gemmt;
  std::vector<BlasCall> calls;
  for (const Op a : ops_of(r, t)) {
    for (const Op b : product ? ops_of(r, t) : std::vector<Op>{Op::NoTrans}) {
      for (int side = 0; side < (sided ? 2 : 1); ++side) {
        for (int uplo = 0; uplo < (triangle ? 2 : 1); ++uplo) {
          for (int diag = 0; diag < (is_triangular(r) ? 2 : 1); ++diag) {
            BlasCall call;
            call.routine = r;
            call.type = t;
            call.trans_a = a;
            call.trans_b = b;
            call.side = static_cast<Side>(side);
            call.uplo = static_cast<Uplo>(uplo);
            call.diag = static_cast<Diag>(diag);
            calls.push_back(call);
          }
        }
      }
    }
  }
  return calls;
}

}  // namespace blasx::support
