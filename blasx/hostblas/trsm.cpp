// SPDX-License-Identifier: Apache-2.0
#include "blasx/hostblas/trsm.hpp"

#include "blasx/hostblas/builtin.hpp"
#include "blasx/hostblas/execute.hpp"
#include "blasx/hostblas/solve.hpp"

namespace blasx::hostblas {
namespace {

template <typename P>
P* offset(P* base, int64_t elements, Type type) {
  using Byte = std::conditional_t<std::is_const_v<P>, const std::byte, std::byte>;
  return static_cast<Byte*>(base) + elements * element_bytes(type);
}

// Rows and columns from..from+size of the triangle, and what of B belongs to them.
BlasCall part(const BlasCall& x, int64_t from, int64_t size) {
  BlasCall p = x;
  p.a = offset(x.a, from * (1 + x.lda), x.type);
  if (x.side == Side::Left) {
    p.m = size;
    p.c = offset(x.c, from, x.type);
  } else {
    p.n = size;
    p.c = offset(x.c, from * x.ldc, x.type);
  }
  return p;
}

// B_to = alpha B_to - op(A)_to,from B_from, or the same with op(A) on the right.
BlasCall update(const BlasCall& x, int64_t to, int64_t to_size, int64_t from, int64_t from_size) {
  const bool left = x.side == Side::Left;
  const bool trans = x.trans_a != Op::NoTrans;
  const int64_t row = left ? to : from, column = left ? from : to;  // of op(A)
  const void* a = offset(x.a, trans ? column + row * x.lda : row + column * x.lda, x.type);
  const void* b = offset(static_cast<const void*>(x.c), left ? from : from * x.ldc, x.type);
  BlasCall g;
  g.routine = Routine::Gemm;
  g.type = x.type;
  g.m = left ? to_size : x.m;
  g.n = left ? x.n : to_size;
  g.k = from_size;
  g.alpha = -1.0;
  g.beta = x.alpha;
  g.a = left ? a : b;
  g.b = left ? b : a;
  g.lda = left ? x.lda : x.ldc;
  g.ldb = left ? x.ldc : x.lda;
  g.trans_a = left ? x.trans_a : Op::NoTrans;
  g.trans_b = left ? Op::NoTrans : x.trans_a;
  g.c = offset(x.c, left ? to : to * x.ldc, x.type);
  g.ldc = x.ldc;
  return g;
}

void run_or_build_in(const Library& library, const BlasCall& call) {
  if (!execute(library, call)) run_builtin(call);
}

}  // namespace

void run_trsm(const Library& library, const BlasCall& call) {
  const int64_t size = call.side == Side::Left ? call.m : call.n;
  if (is_complex(call.type)) return run_or_build_in(library, call);
  if (size <= kSolveLimit) {
    if (!solve_triangle(call)) run_or_build_in(library, call);
    return;
  }
  const int64_t half = (size + 1) / 2;
  const bool left = call.side == Side::Left;
  const bool op_lower = (call.uplo == Uplo::Lower) == (call.trans_a == Op::NoTrans);
  const bool front_first = op_lower == left;
  const int64_t first = front_first ? 0 : half, second = front_first ? half : 0;
  const int64_t first_size = front_first ? half : size - half;
  const int64_t second_size = size - first_size;
  run_trsm(library, part(call, first, first_size));
  run_or_build_in(library, update(call, second, second_size, first, first_size));
  BlasCall rest = part(call, second, second_size);
  rest.alpha = 1.0;  // taken care of by the update
  run_trsm(library, rest);
}

}  // namespace blasx::hostblas
