// SPDX-License-Identifier: Apache-2.0
// Calls of every family, type and flag on guarded matrices, and the check of what one of them did. A Case owns its
// matrices.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <random>
#include <string>
#include <vector>

#include "blasx/hostblas/elements.hpp"
#include "plain_blas.hpp"

namespace blasx::hostblas {

inline std::string describe(const BlasCall& x) {
  return std::string(1, type_letter(x.type)) + routine_name(x.routine) + " side " +
         "LR"[static_cast<int>(x.side)] + " uplo " + "UL"[static_cast<int>(x.uplo)] + " trans " +
         "NTC"[static_cast<int>(x.trans_a)] + "NTC"[static_cast<int>(x.trans_b)] + " diag " +
         "NU"[static_cast<int>(x.diag)] + " m " + std::to_string(x.m) + " n " +
         std::to_string(x.n) + " k " + std::to_string(x.k) + " alpha " +
         std::to_string(x.alpha.real()) + " beta " + std::to_string(x.beta.real());
}

template <typename T>
class Case {
 public:
  // Fills in matrices for a call that has flags, sizes and factors; triangles are well conditioned.
  explicit Case(BlasCall call) : call_(call) {
    const bool left = call.side == Side::Left;
    const int64_t side = left ? call.m : call.n;
    const bool n_a = call.trans_a == Op::NoTrans, n_b = call.trans_b == Op::NoTrans;
    int64_t a_rows = 0, a_cols = 0, b_rows = 0, b_cols = 0;
    switch (call.routine) {
      case Routine::Gemm:
      case Routine::Gemm3m:
      case Routine::Gemmt:
        a_rows = n_a ? call.m : call.k, a_cols = n_a ? call.k : call.m;
        b_rows = n_b ? call.k : call.n, b_cols = n_b ? call.n : call.k;
        break;
      case Routine::Symm:
      case Routine::Hemm:
        a_rows = a_cols = side;
        b_rows = call.m, b_cols = call.n;
        break;
      case Routine::Trmm:
      case Routine::Trsm:
        a_rows = a_cols = side;
        break;
      default:
        a_rows = b_rows = n_a ? call.n : call.k;
        a_cols = b_cols = n_a ? call.k : call.n;
    }
    call_.lda = a_rows + 3, call_.ldb = b_rows + 1, call_.ldc = call.m + 5;
    a_ = fill(call_.lda * std::max<int64_t>(1, a_cols));
    b_ = fill(call_.ldb * std::max<int64_t>(1, b_cols));
    c_ = fill(call_.ldc * std::max<int64_t>(1, call.n));
    if (call.routine == Routine::Trsm) {
      for (T& x : a_) x = x / T(static_cast<float>(2 * side + 1));
      for (int64_t i = 0; i < side; ++i) a_[static_cast<size_t>(i + i * call_.lda)] += T(1.5f);
    }
    before_ = c_;
    call_.a = a_.data(), call_.b = b_.data(), call_.c = c_.data();
  }

  BlasCall& call() { return call_; }
  std::vector<T>& a() { return a_; }
  std::vector<T>& c() { return c_; }

  // Runs it and compares with the definition; the padding and whatever may not be written must be as it was, bit for bit.
  void check(const std::function<void(const BlasCall&)>& run) {
    const plain::Dense want = plain::result<T>(call_);
    run(call_);
    using R = decltype(std::abs(T()));
    const auto depth =
        static_cast<long double>(std::max({call_.k, call_.m, call_.n, int64_t{1}}) + 4);
    const long double bound = 8 * depth * std::numeric_limits<R>::epsilon() * 8;
    for (int64_t j = 0; j < call_.n; ++j) {
      for (int64_t i = 0; i < call_.ldc; ++i) {
        const auto at = static_cast<size_t>(i + j * call_.ldc);
        if (i >= call_.m) {
          ASSERT_EQ(c_[at], before_[at]) << describe(call_) << " padding " << i << "," << j;
          continue;
        }
        const long double scale = std::abs(want(i, j)) + 1;
        ASSERT_LE(std::abs(plain::Wide(c_[at]) - want(i, j)), bound * scale)
            << describe(call_) << " at " << i << "," << j << " is " << c_[at];
      }
    }
  }

 private:
  std::vector<T> fill(int64_t count) {
    std::vector<T> x(static_cast<size_t>(count));
    std::uniform_real_distribution<float> some(-1, 1);
    for (T& v : x) {
      if constexpr (kIsReal<T>)
        v = some(random_);
      else
        v = T(some(random_), some(random_));
    }
    return x;
  }

  std::mt19937 random_{7};
  BlasCall call_;
  std::vector<T> a_, b_, c_, before_;
};

inline bool exists(Routine r, Type t) {
  if (r == Routine::Gemm3m || r == Routine::Hemm || r == Routine::Herk || r == Routine::Her2k)
    return is_complex(t);
  return true;
}

// Every flag that the family has, for one size. `each` gets calls without matrices.
inline void all_flags(Routine r, Type t, int64_t m, int64_t n, int64_t k,
                      const std::function<void(BlasCall)>& each) {
  const bool gemm = r == Routine::Gemm || r == Routine::Gemm3m || r == Routine::Gemmt;
  const bool rank =
      r == Routine::Syrk || r == Routine::Herk || r == Routine::Syr2k || r == Routine::Her2k;
  const bool sided =
      r == Routine::Symm || r == Routine::Hemm || r == Routine::Trmm || r == Routine::Trsm;
  const bool triangular = r == Routine::Trmm || r == Routine::Trsm;
  const bool hermitian = r == Routine::Herk || r == Routine::Her2k;
  const bool square = rank || r == Routine::Gemmt;
  const std::vector<Op> all = {Op::NoTrans, Op::Trans, Op::ConjTrans};
  std::vector<Op> a_ops = {Op::NoTrans};
  if (gemm || triangular) a_ops = all;
  if (rank) a_ops = {Op::NoTrans, hermitian ? Op::ConjTrans : Op::Trans};
  for (const Side side : {Side::Left, Side::Right})
    for (const Uplo uplo : {Uplo::Upper, Uplo::Lower})
      for (const Op ta : a_ops)
        for (const Op tb : gemm ? all : std::vector<Op>{Op::NoTrans})
          for (const Diag diag : {Diag::NonUnit, Diag::Unit}) {
            if (side == Side::Right && !sided) continue;
            if (uplo == Uplo::Lower && gemm && r != Routine::Gemmt) continue;
            if (diag == Diag::Unit && !triangular) continue;
            BlasCall call;
            call.routine = r, call.type = t, call.side = side, call.uplo = uplo;
            call.trans_a = ta, call.trans_b = tb, call.diag = diag;
            call.m = square ? n : m, call.n = n, call.k = sided ? 0 : k;
            const bool real_alpha = !is_complex(t) || r == Routine::Herk;
            call.alpha = real_alpha ? Scalar(0.75) : Scalar(0.75, -0.5);
            call.beta = !is_complex(t) || hermitian ? Scalar(-1.25) : Scalar(-1.25, 0.25);
            if (triangular) call.beta = 0.0;
            each(call);
          }
}

inline void all_routines(const std::function<void(Routine, Type)>& each) {
  for (int r = 0; r < kRoutineCount; ++r)
    for (int t = 0; t < kTypeCount; ++t)
      if (exists(static_cast<Routine>(r), static_cast<Type>(t)))
        each(static_cast<Routine>(r), static_cast<Type>(t));
}

}  // namespace blasx::hostblas
