// SPDX-License-Identifier: Apache-2.0
// One call on guarded matrices with random content, to be run somehow and then checked against the reference to the rounding
// bound, byte for byte outside what may be written. Owns its matrices.
#pragma once

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <sstream>
#include <string>

#include "blasx/tile/call.hpp"
#include "tests/support/guarded_matrix.hpp"
#include "tests/support/reference_blas.hpp"

namespace blasx::support {

std::string describe(const BlasCall& call);
bool has_inner_dimension(Routine r);
bool is_triangular(Routine r);
bool writes_triangle(Routine r);
tile::Region written_region(const BlasCall& call);

template <typename T>
class CallCase {
 public:
  // `shape` has everything but the matrices; `pad` is added to the least leading dimensions.
  CallCase(const BlasCall& shape, int64_t pad, uint64_t seed)
      : call(shape),
        random_(seed),
        a(make(rows_of_a(), cols_of_a(), pad)),
        b(make(rows_of_b(), cols_of_b(), pad + 1)),
        c(make(call.m, call.n, pad + 2)) {
    fill(a);
    fill(b);
    fill(c);
    spoil_what_is_not_read();
    call.a = a.data();
    call.b = b.data();
    call.c = c.data();
    call.lda = a.ld();
    call.ldb = b.ld();
    call.ldc = c.ld();
    a.seal();
    b.seal();
    c.seal();
    old_c = c;
  }

  // `extra`: partial sums an element was put together from.
  void check(int64_t extra) const {
    SCOPED_TRACE(describe(call));
    const tile::Region region = written_region(call);
    EXPECT_TRUE(a.untouched_outside(kNothing)) << "A was written";
    EXPECT_TRUE(b.untouched_outside(kNothing)) << "B was written";
    EXPECT_TRUE(c.untouched_outside(region)) << "something beside C's part was written";
    const Reference<T> reference(call, old_c.data(), old_c.ld());
    for (int64_t j = 0; j < call.n; ++j) {
      for (int64_t i = 0; i < call.m; ++i) {
        if (!c.inside(region, i, j)) continue;
        if (!element_is_right(reference, i, j, extra)) return;  // one is enough to see
      }
    }
  }

  BlasCall call;

 private:
  static constexpr auto kNothing = static_cast<tile::Region>(255);
  std::mt19937_64 random_;

 public:
  GuardedMatrix<T> a, b, c;
  GuardedMatrix<T> old_c = c;

 private:
  GuardedMatrix<T> make(int64_t rows, int64_t cols, int64_t pad) {
    return GuardedMatrix<T>(rows, cols, std::max<int64_t>(1, rows) + pad);
  }
  int64_t side() const { return call.side == Side::Left ? call.m : call.n; }
  bool square_a() const { return !has_inner_dimension(call.routine); }
  int64_t rows_of_a() const {
    return square_a() ? side() : call.trans_a == Op::NoTrans ? call.m : call.k;
  }
  int64_t cols_of_a() const {
    return square_a() ? side() : call.trans_a == Op::NoTrans ? call.k : call.m;
  }
  bool rank2() const { return call.routine == Routine::Syr2k || call.routine == Routine::Her2k; }
  int64_t rows_of_b() const {
    if (is_triangular(call.routine)) return 0;
    if (square_a()) return call.m;
    if (rank2()) return rows_of_a();
    return call.trans_b == Op::NoTrans ? call.k : call.n;
  }
  int64_t cols_of_b() const {
    if (is_triangular(call.routine)) return 0;
    if (square_a()) return call.n;
    if (rank2()) return cols_of_a();
    return call.trans_b == Op::NoTrans ? call.n : call.k;
  }

  T value() {
    std::uniform_real_distribution<double> d(-1, 1);
    if constexpr (IsComplex<T>::value) {
      using R = typename T::value_type;
      return {static_cast<R>(d(random_)), static_cast<R>(d(random_))};
    } else {
      return static_cast<T>(d(random_));
    }
  }
  static T nan() { return T(std::numeric_limits<decltype(std::abs(T{}))>::quiet_NaN()); }

  void fill(GuardedMatrix<T>& m) {
    for (int64_t j = 0; j < m.cols(); ++j) {
      for (int64_t i = 0; i < m.rows(); ++i) m.at(i, j) = value();
    }
  }

  // What the routine must not read holds NaN, which would show in every result.
  void spoil_what_is_not_read() {
    if (square_a()) {
      const auto stored = call.uplo == Uplo::Upper ? tile::Region::Upper : tile::Region::Lower;
      for (int64_t j = 0; j < a.cols(); ++j) {
        for (int64_t i = 0; i < a.rows(); ++i) {
          if (!a.inside(stored, i, j)) a.at(i, j) = nan();
        }
      }
    }
    if (is_triangular(call.routine)) {
      // A dominant diagonal keeps a solve's numbers in range; a unit diagonal is not looked at.
      for (int64_t i = 0; i < a.rows(); ++i) {
        a.at(i, i) = call.diag == Diag::Unit ? nan() : a.at(i, i) + T(4);
      }
      if (call.diag == Diag::Unit) {
        for (int64_t j = 0; j < a.cols(); ++j) {
          for (int64_t i = 0; i < a.rows(); ++i) {
            if (i != j)
              a.at(i, j) /= static_cast<decltype(std::abs(T{}))>(std::max<int64_t>(1, a.rows()));
          }
        }
      }
    }
    if (call.alpha == Scalar(0.0)) {
      for (auto* m : {&a, &b}) {
        for (int64_t j = 0; j < m->cols(); ++j) {
          for (int64_t i = 0; i < m->rows(); ++i) m->at(i, j) = nan();
        }
      }
    }
    const bool c_is_read =
        is_triangular(call.routine) ? call.alpha != Scalar(0.0) : call.beta != Scalar(0.0);
    const auto region = written_region(call);
    for (int64_t j = 0; j < c.cols(); ++j) {
      for (int64_t i = 0; i < c.rows(); ++i) {
        if (!c_is_read || !c.inside(region, i, j)) c.at(i, j) = nan();
      }
    }
    // The imaginary part of a Hermitian diagonal is not looked at.
    if constexpr (IsComplex<T>::value) {
      const auto garbage = std::numeric_limits<typename T::value_type>::quiet_NaN();
      if (call.routine == Routine::Hemm && call.alpha != Scalar(0.0)) {
        for (int64_t i = 0; i < a.rows(); ++i) a.at(i, i) = T(a.at(i, i).real(), garbage);
      }
    }
  }

  bool element_is_right(const Reference<T>& reference, int64_t i, int64_t j, int64_t extra) const {
    // With alpha == 0 the solution is zero and A is not read.
    const bool solve = call.routine == Routine::Trsm && call.alpha != Scalar(0.0);
    const auto x = [&](int64_t p, int64_t q) { return c.at(p, q); };
    const Element want = solve ? reference.residual(i, j, x) : reference.result(i, j);
    const long double error =
        solve ? std::abs(want.value) : std::abs(exact(c.at(i, j)) - want.value);
    const long double allowed = rounding_bound<T>(want.terms, extra) * want.magnitude;
    if (error <= allowed) return true;
    ADD_FAILURE() << "C(" << i << ", " << j << "): error " << static_cast<double>(error)
                  << ", allowed " << static_cast<double>(allowed);
    return false;
  }
};

}  // namespace blasx::support
