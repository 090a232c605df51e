// SPDX-License-Identifier: Apache-2.0
// Level 3 by its definition, an element at a time, in long double: the oracle. Nothing of it is shared with the library.
// Beside each element it gives the sum of absolute values that a rounding bound multiplies.
#pragma once

#include <cmath>
#include <complex>
#include <cstdint>
#include <type_traits>

#include "blasx/tile/call.hpp"

namespace blasx::support {

using Exact = std::complex<long double>;

template <typename T>
struct IsComplex : std::false_type {};
template <typename R>
struct IsComplex<std::complex<R>> : std::true_type {};

template <typename T>
Exact exact(const T& x) {
  if constexpr (IsComplex<T>::value) {
    return {static_cast<long double>(x.real()), static_cast<long double>(x.imag())};
  } else {
    return {static_cast<long double>(x), 0.0L};
  }
}

struct Element {
  Exact value;
  long double magnitude = 0;  // |alpha| sum |a||b| + |beta||c|
  int64_t terms = 0;          // products that were summed
};

// Elements of a call's operands with flags applied, and of its result from the old C.
template <typename T>
class Reference {
 public:
  // `old_c` is C before the call, columns ld apart.
  Reference(const BlasCall& call, const T* old_c, int64_t ld) : call_(call), c_(old_c), ldc_(ld) {}

  // The new C(i, j). Not for trsm, which has no closed form: see residual().
  Element result(int64_t i, int64_t j) const {
    Element e;
    const Exact alpha(call_.alpha), beta(call_.beta);
    if (alpha != Exact(0)) add_products(i, j, e);
    e.value *= alpha;
    e.magnitude *= std::abs(alpha);
    const bool in_place = call_.routine == Routine::Trmm || call_.routine == Routine::Trsm;
    if (!in_place && beta != Exact(0)) {
      Exact old = old_value(i, j);
      if (hermitian_result() && i == j) old = old.real();
      e.value += beta * old;
      e.magnitude += std::abs(beta) * std::abs(old);
    }
    if (hermitian_result() && i == j) e.value = e.value.real();
    return e;
  }

  // trsm: op(A) X - alpha B (or X op(A) - alpha B) for the X that was computed.
  template <typename Solution>
  Element residual(int64_t i, int64_t j, const Solution& x) const {
    Element e;
    const bool left = call_.side == Side::Left;
    const int64_t side = left ? call_.m : call_.n;
    for (int64_t l = 0; l < side; ++l) {
      if (!in_triangle(left ? i : l, left ? l : j)) continue;
      const Exact a = left ? triangular(i, l) : triangular(l, j);
      const Exact product = a * (left ? exact(x(l, j)) : exact(x(i, l)));
      e.value += product;
      e.magnitude += std::abs(product);
      ++e.terms;
    }
    const Exact rhs =
        Exact(call_.alpha) == Exact(0) ? Exact(0) : Exact(call_.alpha) * old_value(i, j);
    e.value -= rhs;
    e.magnitude += std::abs(rhs);
    return e;
  }

 private:
  static Exact apply(Op op, Exact x) { return op == Op::ConjTrans ? std::conj(x) : x; }
  const T& raw(const void* p, int64_t ld, int64_t i, int64_t j) const {
    return static_cast<const T*>(p)[i + j * ld];
  }
  Exact old_value(int64_t i, int64_t j) const { return exact(c_[i + j * ldc_]); }
  bool hermitian_result() const {
    return call_.routine == Routine::Herk || call_.routine == Routine::Her2k;
  }
  // op(X)(i, j) of a matrix stored at p.
  Exact element(const void* p, int64_t ld, Op op, int64_t i, int64_t j) const {
    return op == Op::NoTrans ? exact(raw(p, ld, i, j)) : apply(op, exact(raw(p, ld, j, i)));
  }
  // A of symm or hemm as the full matrix it stands for.
  Exact symmetric(int64_t i, int64_t j) const {
    const bool hermitian = call_.routine == Routine::Hemm;
    const bool stored = call_.uplo == Uplo::Upper ? i <= j : i >= j;
    const Exact x =
        stored ? exact(raw(call_.a, call_.lda, i, j)) : exact(raw(call_.a, call_.lda, j, i));
    if (!hermitian) return x;
    if (i == j) return x.real();
    return stored ? x : std::conj(x);
  }
  // Whether op(A)(i, j) belongs to the triangle; the rest is zero and never read.
  bool in_triangle(int64_t i, int64_t j) const {
    const bool upper = (call_.uplo == Uplo::Upper) == (call_.trans_a == Op::NoTrans);
    return upper ? i <= j : i >= j;
  }
  Exact triangular(int64_t i, int64_t j) const {
    if (i == j && call_.diag == Diag::Unit) return 1;
    return element(call_.a, call_.lda, call_.trans_a, i, j);
  }

  static void add(Element& e, Exact x, Exact y) {
    const Exact product = x * y;
    e.value += product;
    e.magnitude += std::abs(x) * std::abs(y);
    ++e.terms;
  }

  void add_products(int64_t i, int64_t j, Element& e) const {
    const bool left = call_.side == Side::Left;
    const int64_t side = left ? call_.m : call_.n;
    const Op t = call_.trans_a;
    switch (call_.routine) {
      case Routine::Gemm:
      case Routine::Gemm3m:
      case Routine::Gemmt:
        for (int64_t l = 0; l < call_.k; ++l) {
          add(e, element(call_.a, call_.lda, t, i, l),
              element(call_.b, call_.ldb, call_.trans_b, l, j));
        }
        return;
      case Routine::Symm:
      case Routine::Hemm:
        for (int64_t l = 0; l < side; ++l) {
          const Exact b =
              left ? exact(raw(call_.b, call_.ldb, l, j)) : exact(raw(call_.b, call_.ldb, i, l));
          add(e, left ? symmetric(i, l) : symmetric(l, j), b);
        }
        return;
      case Routine::Syrk:
        for (int64_t l = 0; l < call_.k; ++l)
          add(e, row(call_.a, call_.lda, i, l), row(call_.a, call_.lda, j, l));
        return;
      case Routine::Herk:
        for (int64_t l = 0; l < call_.k; ++l) {
          add(e, row(call_.a, call_.lda, i, l), std::conj(row(call_.a, call_.lda, j, l)));
        }
        return;
      case Routine::Syr2k:
        for (int64_t l = 0; l < call_.k; ++l) {
          add(e, row(call_.a, call_.lda, i, l), row(call_.b, call_.ldb, j, l));
          add(e, row(call_.b, call_.ldb, i, l), row(call_.a, call_.lda, j, l));
        }
        return;
      case Routine::Her2k: {
        // conj(alpha) / alpha in the second product, so that alpha may be applied to the sum.
        const Exact turn = std::conj(Exact(call_.alpha)) / Exact(call_.alpha);
        for (int64_t l = 0; l < call_.k; ++l) {
          add(e, row(call_.a, call_.lda, i, l), std::conj(row(call_.b, call_.ldb, j, l)));
          add(e, turn * row(call_.b, call_.ldb, i, l), std::conj(row(call_.a, call_.lda, j, l)));
        }
        return;
      }
      case Routine::Trmm:
        for (int64_t l = 0; l < side; ++l) {
          if (left && in_triangle(i, l)) add(e, triangular(i, l), old_value(l, j));
          if (!left && in_triangle(l, j)) add(e, old_value(i, l), triangular(l, j));
        }
        return;
      case Routine::Trsm:
        return;
    }
  }
  // op(A) of the rank-k families: row i of the n x k matrix. A conjugate transpose is conjugated.
  Exact row(const void* p, int64_t ld, int64_t i, int64_t l) const {
    return element(p, ld, call_.trans_a, i, l);
  }

  BlasCall call_;
  const T* c_;
  int64_t ldc_;
};

// |computed - exact| <= gamma_n magnitude, n the roundings on an element's way: a product and an addition a term, one
// addition for each of `extra` partial sums, scaling by alpha and beta. Complex products cost sqrt(8) as much.
// Source: Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., sections 3.1 and 3.6.
template <typename T>
long double rounding_bound(int64_t terms, int64_t extra) {
  using Real = decltype(std::abs(T{}));
  const long double unit = std::numeric_limits<Real>::epsilon() / 2.0L;
  const long double factor = IsComplex<T>::value ? std::sqrt(8.0L) : 1.0L;
  const long double n = static_cast<long double>(terms + extra + 3) * factor;
  return n * unit / (1 - n * unit);
}

}  // namespace blasx::support
