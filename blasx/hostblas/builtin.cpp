// SPDX-License-Identifier: Apache-2.0
#include "blasx/hostblas/builtin.hpp"

#include <algorithm>
#include <vector>

#include "blasx/hostblas/elements.hpp"
#include "blasx/hostblas/kernels.hpp"

namespace blasx::hostblas {
namespace {

using tile::Region;

constexpr int64_t kBlock = 64;     // edge of the packed blocks
constexpr int64_t kTriangle = 32;  // triangles up to this size are done element by element

// op(X)(i, j) of a general matrix.
template <typename T>
struct General {
  const T* x;
  int64_t ld;
  Op op;
  T operator()(int64_t i, int64_t j) const {
    if (op == Op::NoTrans) return x[i + j * ld];
    const T value = x[j + i * ld];
    return op == Op::ConjTrans ? conjugate(value) : value;
  }
};

// A symmetric or Hermitian matrix of which one triangle is stored.
template <typename T>
struct Mirrored {
  const T* x;
  int64_t ld;
  Uplo uplo;
  bool hermitian;
  T operator()(int64_t i, int64_t j) const {
    const bool stored = (uplo == Uplo::Upper) == (i < j) || i == j;
    const T value = stored ? x[i + j * ld] : x[j + i * ld];
    if (!hermitian) return value;
    return i == j ? real_part(value) : stored ? value : conjugate(value);
  }
};

// C += alpha L R on `region`; L is m x k, R is k x n. With skip_zeros a zero of R leaves its column of L unread, as the reference
// does in some routines.
template <typename T, typename Left, typename Right>
void accumulate(Region region, int64_t m, int64_t n, int64_t k, T alpha, const Left& left,
                const Right& right, bool skip_zeros, T* c, int64_t ldc) {
  std::vector<T> packed(static_cast<size_t>(kBlock * kBlock));
  for (int64_t i0 = 0; i0 < m; i0 += kBlock) {
    const int64_t rows = std::min(kBlock, m - i0);
    for (int64_t p0 = 0; p0 < k; p0 += kBlock) {
      const int64_t depth = std::min(kBlock, k - p0);
      for (int64_t p = 0; p < depth; ++p)
        for (int64_t i = 0; i < rows; ++i)
          packed[static_cast<size_t>(p * kBlock + i)] = left(i0 + i, p0 + p);
      for (int64_t j = 0; j < n; ++j) {
        const int64_t first = region == Region::Lower ? std::max<int64_t>(0, j - i0) : 0;
        const int64_t last = region == Region::Upper ? std::min(rows, j + 1 - i0) : rows;
        T* column = c + i0 + j * ldc;
        for (int64_t p = 0; p < depth; ++p) {
          const T r = right(p0 + p, j);
          if (skip_zeros && r == T(0)) continue;
          const T factor = times(alpha, r);
          const T* l = packed.data() + p * kBlock;
          for (int64_t i = first; i < last; ++i) column[i] += times(factor, l[i]);
        }
      }
    }
  }
}

template <typename T>
void clear_imaginary_diagonal(int64_t n, T* c, int64_t ldc) {
  for (int64_t j = 0; j < n; ++j) c[j + j * ldc] = real_part(c[j + j * ldc]);
}

Op opposite(Op op, bool hermitian) {
  if (op != Op::NoTrans) return Op::NoTrans;
  return hermitian ? Op::ConjTrans : Op::Trans;
}

template <typename T>
void rank_update(const BlasCall& x, Region region, bool hermitian, bool two) {
  const T* a = static_cast<const T*>(x.a);
  const T* b = static_cast<const T*>(x.b);
  T* c = static_cast<T*>(x.c);
  const T alpha = to_scalar<T>(x.alpha);
  const Op right = opposite(x.trans_a, hermitian);
  const bool skip = !two && x.trans_a == Op::NoTrans;
  if (hermitian) clear_imaginary_diagonal(x.n, c, x.ldc);
  const General<T> a_left{a, x.lda, x.trans_a}, a_right{a, x.lda, right};
  if (two) {
    const General<T> b_left{b, x.ldb, x.trans_a}, b_right{b, x.ldb, right};
    accumulate(region, x.n, x.n, x.k, alpha, a_left, b_right, false, c, x.ldc);
    accumulate(region, x.n, x.n, x.k, hermitian ? conjugate(alpha) : alpha, b_left, a_right, false,
               c, x.ldc);
  } else {
    accumulate(region, x.n, x.n, x.k, alpha, a_left, a_right, skip, c, x.ldc);
  }
  if (hermitian) clear_imaginary_diagonal(x.n, c, x.ldc);
}

// B = alpha op(A) B, or op(A) X = alpha B with X over B, or the same with op(A) on the right. Halves the triangle until it is
// small; what is left of it are products.
template <typename T>
class Triangular {
 public:
  Triangular(const BlasCall& x)
      : x_(x),
        a_{static_cast<const T*>(x.a), x.lda, x.trans_a},
        left_(x.side == Side::Left),
        solve_(x.routine == Routine::Trsm),
        lower_((x.uplo == Uplo::Lower) == (x.trans_a == Op::NoTrans)),
        skip_(!left_ || x.trans_a == Op::NoTrans) {}

  void run() const {
    // alpha first: trsm needs B scaled before anything is subtracted, and trmm is linear in B.
    scale(x_.type, Region::Full, x_.m, x_.n, x_.alpha, x_.c, x_.ldc);
    part(0, left_ ? x_.m : x_.n);
  }

 private:
  // The triangle's rows and columns from..from+size.
  void part(int64_t from, int64_t size) const {
    if (size <= kTriangle) return element_wise(from, size);
    const int64_t half = size / 2;
    const int64_t middle = from + half;
    // Half `first` of B needs nothing of the other when solving; when multiplying it is what the other still needs.
    const bool front_feeds = lower_ == left_;
    const int64_t feeds = front_feeds ? from : middle;
    const int64_t fed = front_feeds ? middle : from;
    const int64_t feeds_size = front_feeds ? half : size - half;
    const int64_t fed_size = size - feeds_size;
    if (solve_) {
      part(feeds, feeds_size);
      product(fed, fed_size, feeds, feeds_size, T(-1));
      part(fed, fed_size);
    } else {
      part(fed, fed_size);
      product(fed, fed_size, feeds, feeds_size, T(1));
      part(feeds, feeds_size);
    }
  }

  // B_to += factor op(A)_to,from B_from (left), B_from op(A)_from,to (right).
  void product(int64_t to, int64_t to_size, int64_t from, int64_t from_size, T factor) const {
    const auto a = [&](int64_t i, int64_t j) { return a_(i, j); };
    const General<T> source{b(from), x_.ldc, Op::NoTrans};
    if (left_) {
      accumulate(
          Region::Full, to_size, x_.n, from_size, factor,
          [&](int64_t i, int64_t p) { return a(to + i, from + p); }, source, skip_, b(to), x_.ldc);
    } else {
      accumulate(
          Region::Full, x_.m, to_size, from_size, factor, source,
          [&](int64_t p, int64_t j) { return a(from + p, to + j); }, skip_, b(to), x_.ldc);
    }
  }

  void element_wise(int64_t from, int64_t size) const {
    const int64_t step = left_ ? 1 : x_.ldc;
    const int64_t next = left_ ? x_.ldc : 1;
    const int64_t systems = left_ ? x_.n : x_.m;
    // Row i of the matrix that stands before the unknown vector.
    const auto matrix = [&](int64_t i, int64_t j) {
      return left_ ? a_(from + i, from + j) : a_(from + j, from + i);
    };
    const bool lower = lower_ == left_;
    for (int64_t s = 0; s < systems; ++s) {
      T* y = b(from) + s * next;
      for (int64_t count = 0; count < size; ++count) {
        // Solving goes from the known to the unknown, multiplying the other way round.
        const int64_t i = lower == solve_ ? count : size - 1 - count;
        T value = y[i * step];
        if (solve_) {
          for (int64_t j = lower ? 0 : i + 1; j < (lower ? i : size); ++j)
            if (!skips(y[j * step], matrix(i, j))) value -= times(matrix(i, j), y[j * step]);
          const bool divided = x_.diag == Diag::NonUnit && !(left_ && skip_ && value == T(0));
          if (divided) value /= matrix(i, i);
        } else {
          if (x_.diag == Diag::NonUnit && !(left_ && skip_ && value == T(0)))
            value = times(matrix(i, i), value);
          for (int64_t j = lower ? 0 : i + 1; j < (lower ? i : size); ++j)
            if (!skips(y[j * step], matrix(i, j))) value += times(matrix(i, j), y[j * step]);
        }
        y[i * step] = value;
      }
    }
  }

  bool skips(T y, T a) const { return skip_ && (left_ ? y == T(0) : a == T(0)); }
  T* b(int64_t at) const { return static_cast<T*>(x_.c) + (left_ ? at : at * x_.ldc); }

  const BlasCall& x_;
  General<T> a_;
  bool left_, solve_, lower_, skip_;
};

template <typename T>
void run(const BlasCall& x) {
  const T* a = static_cast<const T*>(x.a);
  const T* b = static_cast<const T*>(x.b);
  T* c = static_cast<T*>(x.c);
  const T alpha = to_scalar<T>(x.alpha);
  const Region triangle = x.uplo == Uplo::Upper ? Region::Upper : Region::Lower;
  const bool hermitian =
      x.routine == Routine::Hemm || x.routine == Routine::Herk || x.routine == Routine::Her2k;
  switch (x.routine) {
    case Routine::Gemm:
    case Routine::Gemm3m:
    case Routine::Gemmt: {
      const Region region = x.routine == Routine::Gemmt ? triangle : Region::Full;
      scale(x.type, region, x.m, x.n, x.beta, c, x.ldc);
      return accumulate(region, x.m, x.n, x.k, alpha, General<T>{a, x.lda, x.trans_a},
                        General<T>{b, x.ldb, x.trans_b}, false, c, x.ldc);
    }
    case Routine::Symm:
    case Routine::Hemm: {
      scale(x.type, Region::Full, x.m, x.n, x.beta, c, x.ldc);
      const Mirrored<T> mirrored{a, x.lda, x.uplo, hermitian};
      const General<T> general{b, x.ldb, Op::NoTrans};
      if (x.side == Side::Left)
        return accumulate(Region::Full, x.m, x.n, x.m, alpha, mirrored, general, false, c, x.ldc);
      return accumulate(Region::Full, x.m, x.n, x.n, alpha, general, mirrored, false, c, x.ldc);
    }
    case Routine::Syrk:
    case Routine::Herk:
    case Routine::Syr2k:
    case Routine::Her2k:
      if (hermitian) clear_imaginary_diagonal(x.n, c, x.ldc);
      scale(x.type, triangle, x.n, x.n, x.beta, c, x.ldc);
      return rank_update<T>(x, triangle, hermitian,
                            x.routine == Routine::Syr2k || x.routine == Routine::Her2k);
    case Routine::Trmm:
    case Routine::Trsm:
      return Triangular<T>(x).run();
  }
}

}  // namespace

void run_builtin(const BlasCall& call) {
  if (run_degenerate(call)) return;
  with_type(call.type, [&]<typename T>(T) { run<T>(call); });
}

}  // namespace blasx::hostblas
