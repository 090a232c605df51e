// SPDX-License-Identifier: Apache-2.0
// From a caller's letters, enums and sizes to the shape of a column-major call, and what the reference BLAS finds wrong
// with it. Pure functions, inlined into every exported function; no state.
#pragma once

#include <algorithm>
#include <cstdint>

#include "blasx/tile/call.hpp"

namespace blasx::abi {

#define BLASX_ALWAYS_INLINE [[gnu::always_inline]] inline

// As Fortran's routine of that name sees it: row-major calls have their roles swapped already. The triangular routines' B counts
// as C.
struct Shape {
  // 0, or what is wrong with the flags: the position of a letter as Fortran's routine counts, or minus the position of an enum
  // as CBLAS counts.
  int bad_flag = 0;
  Side side = Side::Left;
  Uplo uplo = Uplo::Upper;
  Op trans_a = Op::NoTrans;
  Op trans_b = Op::NoTrans;
  Diag diag = Diag::NonUnit;
  int64_t m = 0, n = 0, k = 0;
  int64_t lda = 0, ldb = 0, ldc = 0;
};

constexpr bool is_hermitian(Routine r) {
  return r == Routine::Hemm || r == Routine::Herk || r == Routine::Her2k;
}

// ---- Letters. As LSAME: the first character, in either case. A letter with bit 5 set is the lower-case one, and no
// other character becomes a letter by it.

BLASX_ALWAYS_INLINE bool is_letter(const char* at, char lower) { return (*at | 0x20) == lower; }

BLASX_ALWAYS_INLINE bool is_one_of(const char* at, char x, char y) {
  return is_letter(at, x) || is_letter(at, y);
}
BLASX_ALWAYS_INLINE bool is_any_op(const char* at) {
  return is_letter(at, 'n') || is_letter(at, 't') || is_letter(at, 'c');
}
BLASX_ALWAYS_INLINE Op op_of(const char* at) {
  return is_letter(at, 'n') ? Op::NoTrans : is_letter(at, 't') ? Op::Trans : Op::ConjTrans;
}
BLASX_ALWAYS_INLINE Uplo uplo_of(const char* at) {
  return is_letter(at, 'u') ? Uplo::Upper : Uplo::Lower;
}
BLASX_ALWAYS_INLINE Side side_of(const char* at) {
  return is_letter(at, 'l') ? Side::Left : Side::Right;
}
BLASX_ALWAYS_INLINE Diag diag_of(const char* at) {
  return is_letter(at, 'u') ? Diag::Unit : Diag::NonUnit;
}

// The rank updates take both transpositions for real types, one for complex ones.
template <Routine R, Type T>
BLASX_ALWAYS_INLINE bool is_rank_op(const char* at) {
  if constexpr (!is_complex(T)) return is_any_op(at);
  return is_one_of(at, 'n', is_hermitian(R) ? 'c' : 't');
}

// ---- CBLAS enums, which every cblas.h numbers alike.

inline constexpr int kRowMajor = 101, kColMajor = 102;
inline constexpr int kNoTrans = 111, kTrans = 112, kConjTrans = 113;
inline constexpr int kUpper = 121, kLower = 122;
inline constexpr int kNonUnit = 131, kUnit = 132;
inline constexpr int kLeft = 141, kRight = 142;

BLASX_ALWAYS_INLINE bool is_layout(int v) { return v == kRowMajor || v == kColMajor; }
BLASX_ALWAYS_INLINE bool is_op(int v) { return v >= kNoTrans && v <= kConjTrans; }
BLASX_ALWAYS_INLINE bool is_uplo(int v) { return v == kUpper || v == kLower; }
BLASX_ALWAYS_INLINE bool is_side(int v) { return v == kLeft || v == kRight; }
BLASX_ALWAYS_INLINE bool is_diag(int v) { return v == kNonUnit || v == kUnit; }
BLASX_ALWAYS_INLINE Op op_of(int v) { return static_cast<Op>(v - kNoTrans); }
BLASX_ALWAYS_INLINE Diag diag_of(int v) { return v == kUnit ? Diag::Unit : Diag::NonUnit; }
// Row-major storage is the transpose: upper is lower, left is right.
BLASX_ALWAYS_INLINE Uplo uplo_of(int v, bool row_major) {
  return (v == kUpper) != row_major ? Uplo::Upper : Uplo::Lower;
}
BLASX_ALWAYS_INLINE Side side_of(int v, bool row_major) {
  return (v == kLeft) != row_major ? Side::Left : Side::Right;
}

// The flags of both rank updates. A complex update in row-major order has an enum for what it can do; in column-major order every
// enum is passed on and Fortran's routine refuses the letter.
template <Routine R, Type T>
BLASX_ALWAYS_INLINE void set_rank_flags(Shape& s, int layout, int uplo, int trans) {
  const bool row_major = layout == kRowMajor;
  constexpr Op kTransposed = is_hermitian(R) ? Op::ConjTrans : Op::Trans;
  constexpr int kRefused = is_hermitian(R) ? kTrans : kConjTrans;
  s.uplo = uplo_of(uplo, row_major);
  s.trans_a = row_major ? (trans == kNoTrans ? kTransposed : Op::NoTrans) : op_of(trans);
  const bool refused = is_complex(T) && trans == kRefused;
  s.bad_flag = !is_layout(layout)                        ? -1
               : !is_uplo(uplo)                          ? -2
               : !is_op(trans) || (row_major && refused) ? -3
               : refused                                 ? 2
                                                         : 0;
}

// ---- What the reference finds wrong, in its order: the position of the argument as Fortran's routine counts, 0 if nothing. A bad
// enum stays negative.

BLASX_ALWAYS_INLINE bool too_small(int64_t ld, int64_t rows) {
  return ld < std::max<int64_t>(1, rows);
}

template <Routine R>
BLASX_ALWAYS_INLINE int first_error(const Shape& s) {
  if (s.bad_flag != 0) return s.bad_flag;
  const bool left = s.side == Side::Left;
  const bool plain_a = s.trans_a == Op::NoTrans;
  const bool plain_b = s.trans_b == Op::NoTrans;
  switch (R) {
    case Routine::Gemm:
    case Routine::Gemm3m:
      if (s.m < 0) return 3;
      if (s.n < 0) return 4;
      if (s.k < 0) return 5;
      if (too_small(s.lda, plain_a ? s.m : s.k)) return 8;
      if (too_small(s.ldb, plain_b ? s.k : s.n)) return 10;
      return too_small(s.ldc, s.m) ? 13 : 0;
    case Routine::Gemmt:
      if (s.n < 0) return 4;
      if (s.k < 0) return 5;
      if (too_small(s.lda, plain_a ? s.n : s.k)) return 8;
      if (too_small(s.ldb, plain_b ? s.k : s.n)) return 10;
      return too_small(s.ldc, s.n) ? 13 : 0;
    case Routine::Symm:
    case Routine::Hemm:
      if (s.m < 0) return 3;
      if (s.n < 0) return 4;
      if (too_small(s.lda, left ? s.m : s.n)) return 7;
      if (too_small(s.ldb, s.m)) return 9;
      return too_small(s.ldc, s.m) ? 12 : 0;
    case Routine::Syrk:
    case Routine::Herk:
      if (s.n < 0) return 3;
      if (s.k < 0) return 4;
      if (too_small(s.lda, plain_a ? s.n : s.k)) return 7;
      return too_small(s.ldc, s.n) ? 10 : 0;
    case Routine::Syr2k:
    case Routine::Her2k:
      if (s.n < 0) return 3;
      if (s.k < 0) return 4;
      if (too_small(s.lda, plain_a ? s.n : s.k)) return 7;
      if (too_small(s.ldb, plain_a ? s.n : s.k)) return 9;
      return too_small(s.ldc, s.n) ? 12 : 0;
    case Routine::Trmm:
    case Routine::Trsm:
      if (s.m < 0) return 5;
      if (s.n < 0) return 6;
      if (too_small(s.lda, left ? s.m : s.n)) return 9;
      return too_small(s.ldc, s.m) ? 11 : 0;
  }
  return 0;
}

// operation_count() of the call, without making one.
template <Routine R, Type T>
BLASX_ALWAYS_INLINE double operations(const Shape& s) {
  const auto m = static_cast<double>(s.m);
  const auto n = static_cast<double>(s.n);
  const auto k = static_cast<double>(s.k);
  const double side = s.side == Side::Left ? m : n;
  constexpr double kPerProduct = is_complex(T) ? 4 : 1;
  switch (R) {
    case Routine::Gemm:
    case Routine::Gemm3m:
      return 2 * kPerProduct * m * n * k;
    case Routine::Gemmt:
    case Routine::Syrk:
    case Routine::Herk:
      return kPerProduct * n * (n + 1) * k;
    case Routine::Syr2k:
    case Routine::Her2k:
      return 2 * kPerProduct * n * (n + 1) * k;
    case Routine::Symm:
    case Routine::Hemm:
      return 2 * kPerProduct * m * n * side;
    case Routine::Trmm:
    case Routine::Trsm:
      return kPerProduct * m * n * side;
  }
  return 0;
}

}  // namespace blasx::abi
