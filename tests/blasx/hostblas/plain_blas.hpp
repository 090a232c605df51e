// SPDX-License-Identifier: Apache-2.0
// Level 3 by its definition, in long double on dense matrices: for checking kernels. Independent of everything in
// blasx/hostblas.
#pragma once

#include <cmath>
#include <complex>
#include <cstdint>
#include <limits>
#include <vector>

#include "blasx/tile/call.hpp"

namespace blasx::hostblas::plain {

using Wide = std::complex<long double>;

struct Dense {
  int64_t rows = 0, cols = 0;
  std::vector<Wide> x;
  Dense(int64_t r, int64_t c) : rows(r), cols(c), x(static_cast<size_t>(r * c)) {}
  Wide& operator()(int64_t i, int64_t j) { return x[static_cast<size_t>(i + j * rows)]; }
  const Wide& operator()(int64_t i, int64_t j) const {
    return x[static_cast<size_t>(i + j * rows)];
  }
};

template <typename T>
Dense read(const void* base, int64_t ld, int64_t rows, int64_t cols) {
  Dense d(rows, cols);
  const T* x = static_cast<const T*>(base);
  for (int64_t j = 0; j < cols; ++j)
    for (int64_t i = 0; i < rows; ++i) d(i, j) = Wide(x[i + j * ld]);
  return d;
}

inline Dense apply(const Dense& a, Op op) {
  if (op == Op::NoTrans) return a;
  Dense t(a.cols, a.rows);
  for (int64_t j = 0; j < a.cols; ++j)
    for (int64_t i = 0; i < a.rows; ++i)
      t(j, i) = op == Op::ConjTrans ? std::conj(a(i, j)) : a(i, j);
  return t;
}

enum class Shape { Symmetric, Hermitian, Triangular };

inline Dense complete(const Dense& a, Uplo uplo, Shape shape, Diag diag) {
  Dense full(a.rows, a.cols);
  for (int64_t j = 0; j < a.cols; ++j) {
    for (int64_t i = 0; i < a.rows; ++i) {
      const bool stored = uplo == Uplo::Upper ? i <= j : i >= j;
      if (stored)
        full(i, j) = a(i, j);
      else if (shape != Shape::Triangular)
        full(i, j) = shape == Shape::Hermitian ? std::conj(a(j, i)) : a(j, i);
    }
    if (shape == Shape::Hermitian) full(j, j) = full(j, j).real();
    if (shape == Shape::Triangular && diag == Diag::Unit) full(j, j) = 1;
  }
  return full;
}

inline void add(Dense& c, Wide factor, const Dense& a, const Dense& b) {
  for (int64_t j = 0; j < c.cols; ++j)
    for (int64_t p = 0; p < a.cols; ++p)
      for (int64_t i = 0; i < c.rows; ++i) c(i, j) += factor * a(i, p) * b(p, j);
}

// M X = B by substitution, M triangular and dense.
inline void substitute(const Dense& m, Dense& b, bool lower) {
  for (int64_t j = 0; j < b.cols; ++j) {
    for (int64_t q = 0; q < b.rows; ++q) {
      const int64_t i = lower ? q : b.rows - 1 - q;
      Wide value = b(i, j);
      for (int64_t p = lower ? 0 : i + 1; p < (lower ? i : b.rows); ++p) value -= m(i, p) * b(p, j);
      b(i, j) = value / m(i, i);
    }
  }
}

// What C must become; entries that may not be written are as they were.
template <typename T>
Dense result(const BlasCall& x) {
  Dense c = read<T>(x.c, x.ldc, x.m, x.n);
  const Dense before = c;
  const Wide alpha(x.alpha), beta(x.beta);
  const bool left = x.side == Side::Left;
  const int64_t side = left ? x.m : x.n;
  Dense out(x.m, x.n);
  const auto start = [&] {
    for (size_t i = 0; i < c.x.size(); ++i) out.x[i] = beta == Wide(0) ? Wide(0) : beta * c.x[i];
  };
  const bool n_a = x.trans_a == Op::NoTrans, n_b = x.trans_b == Op::NoTrans;
  bool triangle = false, real_diagonal = false;
  switch (x.routine) {
    case Routine::Gemm:
    case Routine::Gemm3m:
    case Routine::Gemmt: {
      start();
      const Dense a = apply(read<T>(x.a, x.lda, n_a ? x.m : x.k, n_a ? x.k : x.m), x.trans_a);
      const Dense b = apply(read<T>(x.b, x.ldb, n_b ? x.k : x.n, n_b ? x.n : x.k), x.trans_b);
      add(out, alpha, a, b);
      triangle = x.routine == Routine::Gemmt;
      break;
    }
    case Routine::Symm:
    case Routine::Hemm: {
      start();
      const Dense a =
          complete(read<T>(x.a, x.lda, side, side), x.uplo,
                   x.routine == Routine::Hemm ? Shape::Hermitian : Shape::Symmetric, Diag::NonUnit);
      const Dense b = read<T>(x.b, x.ldb, x.m, x.n);
      left ? add(out, alpha, a, b) : add(out, alpha, b, a);
      break;
    }
    case Routine::Syrk:
    case Routine::Herk:
    case Routine::Syr2k:
    case Routine::Her2k: {
      const bool hermitian = x.routine == Routine::Herk || x.routine == Routine::Her2k;
      if (hermitian)
        for (int64_t j = 0; j < x.n; ++j) c(j, j) = c(j, j).real();
      start();
      const Op other = hermitian ? Op::ConjTrans : Op::Trans;
      const auto of = [&](const void* base, int64_t ld) {
        return apply(read<T>(base, ld, n_a ? x.n : x.k, n_a ? x.k : x.n), x.trans_a);
      };
      const Dense a = of(x.a, x.lda);
      if (x.routine == Routine::Syrk || x.routine == Routine::Herk) {
        add(out, alpha, a, apply(a, other));
      } else {
        const Dense b = of(x.b, x.ldb);
        add(out, alpha, a, apply(b, other));
        add(out, hermitian ? std::conj(alpha) : alpha, b, apply(a, other));
      }
      triangle = true;
      real_diagonal = hermitian;
      break;
    }
    case Routine::Trmm:
    case Routine::Trsm: {
      const Dense a = apply(
          complete(read<T>(x.a, x.lda, side, side), x.uplo, Shape::Triangular, x.diag), x.trans_a);
      const bool lower = (x.uplo == Uplo::Lower) == n_a;
      if (x.routine == Routine::Trmm) {
        left ? add(out, alpha, a, c) : add(out, alpha, c, a);
      } else {
        for (size_t i = 0; i < c.x.size(); ++i) out.x[i] = alpha * c.x[i];
        if (left) {
          substitute(a, out, lower);
        } else {
          Dense t = apply(out, Op::Trans);
          substitute(apply(a, Op::Trans), t, !lower);
          out = apply(t, Op::Trans);
        }
      }
      break;
    }
  }
  for (int64_t j = 0; j < x.n; ++j) {
    if (real_diagonal) out(j, j) = out(j, j).real();
    for (int64_t i = 0; i < x.m; ++i) {
      const bool written = !triangle || (x.uplo == Uplo::Upper ? i <= j : i >= j);
      if (!written) out(i, j) = before(i, j);
    }
  }
  return out;
}

}  // namespace blasx::hostblas::plain
