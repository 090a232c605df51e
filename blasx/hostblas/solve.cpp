// SPDX-License-Identifier: Apache-2.0
#include "blasx/hostblas/solve.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <memory>

#include "blasx/hostblas/elements.hpp"
#include "blasx/hostblas/solve_body.hpp"

namespace blasx::hostblas {
namespace {

// The factor's packed blocks stay in the second-level cache: half a MiB. They are as deep as leaves the unknowns that are
// multiplied, kDepth rows of a strip, room in the first-level cache beside what streams past them.
constexpr int64_t kDepth = 128;
template <typename T>
constexpr int64_t kRows = (int64_t{512} << 10) / kDepth / static_cast<int64_t>(sizeof(T));
constexpr int64_t kStreams = 8;
constexpr int64_t kFewest = 16;  // sides and systems below this are cheaper in the host BLAS
constexpr size_t kHugePage = size_t{2} << 20;
constexpr int64_t kPanelBytes = int64_t{36} << 20;  // of right-hand sides packed at once

template <typename T>
struct Solver {
  int64_t rows_together;  // of the factor
  int64_t width;          // systems together
  void (*update)(int64_t systems, int64_t rows, int64_t depth, const T* factor, const T* source,
                 T* x);
  void (*solve)(int64_t systems, int64_t rows, const T* factor, T* x);
  void (*pack)(const T* from, int64_t row, int64_t column, int64_t count, T* out);
  int64_t (*gather)(int64_t rows, int64_t systems, const T* b, int64_t ld, bool backward, T alpha,
                    T* x);
  int64_t (*scatter)(int64_t rows, int64_t systems, T* b, int64_t ld, bool backward, const T* x);
};

// One set of functions for each instruction set; TARGET is empty for what every processor of the kind has.
#define BLASX_SOLVER(name, TARGET, BYTES, ROWS)                                                   \
  template <typename T>                                                                           \
  struct name {                                                                                   \
    using B = solve::Body<T, BYTES, ROWS, 3>;                                                     \
    TARGET static void update(int64_t systems, int64_t rows, int64_t depth, const T* factor,      \
                              const T* source, T* x) {                                            \
      if (systems > 2 * B::kLanes) return B::template update<3>(rows, depth, factor, source, x);  \
      if (systems > B::kLanes) return B::template update<2>(rows, depth, factor, source, x);      \
      B::template update<1>(rows, depth, factor, source, x);                                      \
    }                                                                                             \
    TARGET static void solve(int64_t systems, int64_t rows, const T* factor, T* x) {              \
      if (systems > 2 * B::kLanes) return B::template solve<3>(rows, factor, x);                  \
      if (systems > B::kLanes) return B::template solve<2>(rows, factor, x);                      \
      B::template solve<1>(rows, factor, x);                                                      \
    }                                                                                             \
    TARGET static void pack(const T* from, int64_t row, int64_t column, int64_t count, T* out) {  \
      B::pack(from, row, column, count, out);                                                     \
    }                                                                                             \
    TARGET static int64_t gather(int64_t rows, int64_t systems, const T* b, int64_t ld,           \
                                 bool backward, T alpha, T* x) {                                  \
      return B::gather(rows, systems, b, ld, backward, alpha, x);                                 \
    }                                                                                             \
    TARGET static int64_t scatter(int64_t rows, int64_t systems, T* b, int64_t ld, bool backward, \
                                  const T* x) {                                                   \
      return B::scatter(rows, systems, b, ld, backward, x);                                       \
    }                                                                                             \
    static constexpr Solver<T> kSolver = {ROWS, B::kWidth, update, solve, pack, gather, scatter}; \
  };

BLASX_SOLVER(Plain, , 16, 4)
#if defined(__x86_64__)
BLASX_SOLVER(Avx2, __attribute__((target("avx2,fma"))), 32, 4)
BLASX_SOLVER(Avx512, __attribute__((target("avx512f,avx512dq,avx512vl,fma"))), 64, 8)
#endif
#undef BLASX_SOLVER

template <typename T>
const Solver<T>& solver() {
#if defined(__x86_64__)
  static const int level = __builtin_cpu_supports("avx512f") &&
                                   __builtin_cpu_supports("avx512dq") &&
                                   __builtin_cpu_supports("avx512vl")
                               ? 2
                           : __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? 1
                                                                                             : 0;
  if (level == 2) return Avx512<T>::kSolver;
  if (level == 1) return Avx2<T>::kSolver;
#endif
  return Plain<T>::kSolver;
}

struct Free {
  void operator()(void* memory) const { std::free(memory); }
};

// Grows, never shrinks; one for each thread and purpose.
class Scratch {
 public:
  void* get(size_t bytes) {
    if (bytes > bytes_) {
      // A strip of right-hand sides is walked in steps that leave small pages' addresses behind: large ones save the misses.
      const size_t alignment = bytes < kHugePage ? 64 : kHugePage;
      const size_t rounded = (bytes + alignment - 1) / alignment * alignment;
      memory_.reset(std::aligned_alloc(alignment, rounded));
      if (memory_ != nullptr && alignment == kHugePage)
        madvise(memory_.get(), rounded, MADV_HUGEPAGE);
      bytes_ = memory_ != nullptr ? bytes : 0;
    }
    return memory_.get();
  }

 private:
  std::unique_ptr<void, Free> memory_;
  size_t bytes_ = 0;
};

// A trsm seen from one unknown vector: unknown i is the i-th to be solved, M the matrix before it with M(i, k) at
// matrix + i * row + k * column, and its elements in B at first + i * step, systems `next` apart.
template <typename T>
struct View {
  const T* matrix;
  int64_t row, column;
  int64_t unknowns, systems;
  bool backward;  // solved from the last element of B to the first
  bool along;     // unknowns of one system adjoin in memory; else the systems do
};

template <typename T>
View<T> view_of(const BlasCall& x) {
  const bool left = x.side == Side::Left;
  const bool transposed = (x.trans_a != Op::NoTrans) == left;
  const bool lower = (x.uplo == Uplo::Lower) != transposed;
  const int64_t n = left ? x.m : x.n;
  const int64_t row = transposed ? x.lda : 1, column = transposed ? 1 : x.lda;
  View<T> v{static_cast<const T*>(x.a), row, column, n, left ? x.n : x.m, !lower, left};
  if (!lower) {
    v.matrix += (n - 1) * (row + column);
    v.row = -row;
    v.column = -column;
  }
  return v;
}

// The factor's rows i0 .. i0+rows, columns k0 .. k0+depth, as Body::update reads them; rows past the last are zeros.
template <typename T>
T* pack_columns(const View<T>& v, const Solver<T>& s, int64_t i0, int64_t rows, int64_t k0,
                int64_t depth, T* out) {
  const int64_t together = s.rows_together;
  const T* from = v.matrix + i0 * v.row + k0 * v.column;
  if (rows >= together) {
    s.pack(from, v.row, v.column, depth, out);
  } else {
    for (int64_t k = 0; k < depth; ++k)
      for (int64_t r = 0; r < together; ++r)
        out[k * together + r] = r < rows ? from[r * v.row + k * v.column] : T(0);
  }
  return out + depth * together;
}

template <typename T>
void pack_block(const View<T>& v, const Solver<T>& s, int64_t i0, int64_t rows, int64_t k0,
                int64_t depth, T* out) {
  // Where rows adjoin in memory a few columns are walked side by side: as many streams as a processor fetches ahead. One column
  // after another would leave its page at each step.
  const int64_t together = v.row == 1 || v.row == -1 ? kStreams : depth;
  for (int64_t k = 0; k < depth; k += together) {
    for (int64_t i = 0; i < rows; i += s.rows_together)
      pack_columns(v, s, i0 + i, rows - i, k0 + k, std::min(together, depth - k),
                   out + i * depth + k * s.rows_together);
  }
}

// The triangle on the diagonal from row i0, as Body::solve reads it.
template <typename T>
void pack_triangle(const View<T>& v, const Solver<T>& s, bool unit, int64_t i0, int64_t rows,
                   T* out) {
  const int64_t together = s.rows_together;
  const auto m = [&](int64_t i, int64_t k) {
    return v.matrix[(i0 + i) * v.row + (i0 + k) * v.column];
  };
  for (int64_t i = 0; i < rows; i += together) {
    const int64_t here = std::min(together, rows - i);
    out = pack_columns(v, s, i0 + i, here, i0, i, out);
    for (int64_t k = 0; k < together; ++k, out += together) {
      for (int64_t r = 0; r < together; ++r) out[r] = r > k && r < here ? m(i + r, i + k) : T(0);
      out[k] = unit || k >= here ? T(1) : T(1) / m(i + k, i + k);
    }
  }
}

template <typename T>
bool reciprocals_are_normal(const View<T>& v) {
  for (int64_t i = 0; i < v.unknowns; ++i)
    if (!std::isnormal(T(1) / v.matrix[i * (v.row + v.column)])) return false;
  return true;
}

// Moves `systems` systems from j on between B and x, where their unknowns are rows in the order of solving.
template <typename T>
class Panel {
 public:
  Panel(const BlasCall& call, const View<T>& v, const Solver<T>& s)
      : call_(call),
        v_(v),
        s_(s),
        alpha_(to_scalar<T>(call.alpha)),
        step_(v.along ? 1 : call.ldc),
        next_(v.along ? call.ldc : 1) {}

  int64_t padded_rows() const {
    return (v_.unknowns + s_.rows_together - 1) / s_.rows_together * s_.rows_together;
  }

  void gather(int64_t j, int64_t systems, T* x) const {
    const T* b = static_cast<const T*>(call_.c) + j * next_;
    int64_t i =
        v_.along ? s_.gather(v_.unknowns, systems, b, call_.ldc, v_.backward, alpha_, x) : 0;
    for (; i < v_.unknowns; ++i) {
      const T* from = b + at(i) * step_;
      T* to = x + i * s_.width;
      if (next_ == 1) {
        for (int64_t q = 0; q < systems; ++q) to[q] = alpha_ * from[q];
      } else {
        for (int64_t q = 0; q < systems; ++q) to[q] = alpha_ * from[q * next_];
      }
      std::fill(to + systems, to + s_.width, T(0));
    }
    std::fill(x + i * s_.width, x + padded_rows() * s_.width, T(0));
  }

  void scatter(int64_t j, int64_t systems, const T* x) const {
    T* b = static_cast<T*>(call_.c) + j * next_;
    int64_t i = v_.along ? s_.scatter(v_.unknowns, systems, b, call_.ldc, v_.backward, x) : 0;
    for (; i < v_.unknowns; ++i) {
      T* to = b + at(i) * step_;
      if (next_ == 1)
        std::copy_n(x + i * s_.width, systems, to);
      else
        for (int64_t q = 0; q < systems; ++q) to[q * next_] = x[i * s_.width + q];
    }
  }

 private:
  int64_t at(int64_t i) const { return v_.backward ? v_.unknowns - 1 - i : i; }

  const BlasCall& call_;
  const View<T>& v_;
  const Solver<T>& s_;
  T alpha_;
  int64_t step_, next_;
};

// Systems first .. first+count of the call. Every block of the factor is packed once and used for all of them.
template <typename T>
void solve_panel(const BlasCall& x, const View<T>& v, const Solver<T>& s, int64_t first,
                 int64_t count, T* factor, T* packed) {
  const Panel<T> panel(x, v, s);
  const int64_t stride = panel.padded_rows() * s.width;
  const auto each = [&](auto&& f) {
    for (int64_t j = 0; j < count; j += s.width)
      f(first + j, std::min(s.width, count - j), packed + j / s.width * stride);
  };
  each([&](int64_t j, int64_t systems, T* p) { panel.gather(j, systems, p); });
  const auto padded = [&](int64_t rows) {
    return (rows + s.rows_together - 1) / s.rows_together * s.rows_together;
  };
  for (int64_t i = 0; i < v.unknowns; i += kRows<T>) {
    const int64_t end = std::min(i + kRows<T>, v.unknowns);
    for (int64_t k = 0; k < end; k += kDepth) {
      const int64_t depth = std::min(kDepth, end - k);
      if (k >= i) {
        pack_triangle(v, s, x.diag == Diag::Unit, k, depth, factor);
        each([&](int64_t, int64_t systems, T* p) {
          s.solve(systems, padded(depth), factor, p + k * s.width);
        });
      }
      const int64_t below = std::max(i, k + depth);
      if (below == end) continue;
      pack_block(v, s, below, end - below, k, depth, factor);
      each([&](int64_t, int64_t systems, T* p) {
        s.update(systems, padded(end - below), depth, factor, p + k * s.width, p + below * s.width);
      });
    }
  }
  each([&](int64_t j, int64_t systems, T* p) { panel.scatter(j, systems, p); });
}

template <typename T>
bool solve_typed(const BlasCall& x) {
  const Solver<T>& s = solver<T>();
  const View<T> v = view_of<T>(x);
  if (v.unknowns < kFewest || v.unknowns > kSolveLimit || v.systems < kFewest) return false;
  if (x.diag == Diag::NonUnit && !reciprocals_are_normal(v)) return false;
  constexpr auto kBytes = static_cast<int64_t>(sizeof(T));
  const int64_t strip_bytes = (v.unknowns + s.rows_together) * s.width * kBytes;
  const int64_t strips = std::min(std::max<int64_t>(1, kPanelBytes / strip_bytes),
                                  (v.systems + s.width - 1) / s.width);
  static thread_local Scratch factor_memory, panel_memory;
  const int64_t edge = std::min(kRows<T>, v.unknowns) + s.rows_together;
  T* factor = static_cast<T*>(
      factor_memory.get(static_cast<size_t>(edge * (kDepth + s.rows_together) * kBytes)));
  T* packed = static_cast<T*>(panel_memory.get(static_cast<size_t>(strips * strip_bytes)));
  if (factor == nullptr || packed == nullptr) return false;
  for (int64_t j = 0; j < v.systems; j += strips * s.width)
    solve_panel(x, v, s, j, std::min(strips * s.width, v.systems - j), factor, packed);
  return true;
}

}  // namespace

bool solve_triangle(const BlasCall& call) {
  if (call.type == Type::S) return solve_typed<float>(call);
  if (call.type == Type::D) return solve_typed<double>(call);
  return false;
}

}  // namespace blasx::hostblas
