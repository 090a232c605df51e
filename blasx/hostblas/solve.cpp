// SPDX-License-Identifier: Apache-2.0
#include "blasx/hostblas/solve.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <memory>

#include "blasx/hostblas/elements.hpp"
#include "blasx/hostblas/solve_body.hpp"

namespace blasx::hostblas {
namespace {

constexpr int64_t kLargest = 512;
constexpr int64_t kFewest = 16;  // sides and systems below this are cheaper in the host BLAS

template <typename T>
struct Solver {
  int64_t rows_together;  // of the factor
  int64_t width;          // systems together
  void (*solve)(int64_t rows, int64_t systems, const T* factor, T* x);
  int64_t (*gather)(int64_t rows, int64_t systems, const T* b, int64_t ld, bool backward, T alpha,
                    T* x);
  int64_t (*scatter)(int64_t rows, int64_t systems, T* b, int64_t ld, bool backward, const T* x);
};

// One set of functions for each instruction set; TARGET is empty for what every processor of the kind has.
#define BLASX_SOLVER(name, TARGET, BYTES, ROWS, VECTORS)                                          \
  template <typename T>                                                                           \
  struct name {                                                                                   \
    using B = solve::Body<T, BYTES, ROWS, VECTORS>;                                               \
    TARGET static void solve(int64_t rows, int64_t systems, const T* factor, T* x) {              \
      const int64_t vectors = (systems + B::kLanes - 1) / B::kLanes;                              \
      if (vectors >= 3) return B::template solve<3>(rows, factor, x);                             \
      if (vectors == 2) return B::template solve<2>(rows, factor, x);                             \
      B::template solve<1>(rows, factor, x);                                                      \
    }                                                                                             \
    TARGET static int64_t gather(int64_t rows, int64_t systems, const T* b, int64_t ld,           \
                                 bool backward, T alpha, T* x) {                                  \
      return B::gather(rows, systems, b, ld, backward, alpha, x);                                 \
    }                                                                                             \
    TARGET static int64_t scatter(int64_t rows, int64_t systems, T* b, int64_t ld, bool backward, \
                                  const T* x) {                                                   \
      return B::scatter(rows, systems, b, ld, backward, x);                                       \
    }                                                                                             \
    static constexpr Solver<T> kSolver = {ROWS, B::kWidth, solve, gather, scatter};               \
  };

BLASX_SOLVER(Plain, , 16, 4, 3)
#if defined(__x86_64__)
BLASX_SOLVER(Avx2, __attribute__((target("avx2,fma"))), 32, 4, 3)
BLASX_SOLVER(Avx512, __attribute__((target("avx512f,avx512dq,avx512vl,fma"))), 64, 8, 3)
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
      memory_.reset(std::aligned_alloc(64, (bytes + 63) / 64 * 64));
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

// The factor as Body::solve reads it. False if a reciprocal of the diagonal is not a normal number.
template <typename T>
bool pack_factor(const View<T>& v, bool unit, int64_t together, T* out) {
  const auto m = [&](int64_t i, int64_t k) { return v.matrix[i * v.row + k * v.column]; };
  for (int64_t i = 0; i < v.unknowns; i += together) {
    const int64_t rows = std::min(together, v.unknowns - i);
    if (v.row == 1 && rows == together) {
      for (int64_t k = 0; k < i; ++k, out += together)
        std::copy_n(v.matrix + i + k * v.column, together, out);
    } else {
      for (int64_t r = 0; r < together; ++r)
        for (int64_t k = 0; k < i; ++k) out[k * together + r] = r < rows ? m(i + r, k) : T(0);
      out += i * together;
    }
    for (int64_t k = 0; k < together; ++k, out += together) {
      for (int64_t r = 0; r < together; ++r) out[r] = r > k && r < rows ? m(i + r, i + k) : T(0);
      out[k] = T(1);
      if (unit || k >= rows) continue;
      out[k] = T(1) / m(i + k, i + k);
      if (!std::isnormal(out[k])) return false;
    }
  }
  return true;
}

template <typename T>
void solve_all(const BlasCall& x, const View<T>& v, const Solver<T>& s, const T* factor, T* panel) {
  const int64_t padded = (v.unknowns + s.rows_together - 1) / s.rows_together * s.rows_together;
  const T alpha = to_scalar<T>(x.alpha);
  for (int64_t j = 0; j < v.systems; j += s.width) {
    const int64_t systems = std::min(s.width, v.systems - j);
    T* b = static_cast<T*>(x.c) + (v.along ? j * x.ldc : j);
    const auto at = [&](int64_t i) { return v.backward ? v.unknowns - 1 - i : i; };
    const int64_t step = v.along ? 1 : x.ldc, next = v.along ? x.ldc : 1;
    int64_t i = v.along ? s.gather(v.unknowns, systems, b, x.ldc, v.backward, alpha, panel) : 0;
    for (; i < v.unknowns; ++i) {
      const T* from = b + at(i) * step;
      T* to = panel + i * s.width;
      for (int64_t q = 0; q < systems; ++q) to[q] = alpha * from[q * next];
      std::fill(to + systems, to + s.width, T(0));
    }
    std::fill(panel + i * s.width, panel + padded * s.width, T(0));
    s.solve(padded, systems, factor, panel);
    i = v.along ? s.scatter(v.unknowns, systems, b, x.ldc, v.backward, panel) : 0;
    for (; i < v.unknowns; ++i) {
      T* to = b + at(i) * step;
      for (int64_t q = 0; q < systems; ++q) to[q * next] = panel[i * s.width + q];
    }
  }
}

template <typename T>
bool solve_typed(const BlasCall& x) {
  const Solver<T>& s = solver<T>();
  const View<T> v = view_of<T>(x);
  if (v.unknowns < kFewest || v.unknowns > kLargest || v.systems < kFewest) return false;
  static thread_local Scratch factor_memory, panel_memory;
  const auto padded = static_cast<size_t>(v.unknowns + s.rows_together);
  T* factor = static_cast<T*>(factor_memory.get(padded * padded * sizeof(T)));
  T* panel = static_cast<T*>(panel_memory.get(padded * static_cast<size_t>(s.width) * sizeof(T)));
  if (factor == nullptr || panel == nullptr) return false;
  if (!pack_factor(v, x.diag == Diag::Unit, s.rows_together, factor)) return false;
  solve_all(x, v, s, factor, panel);
  return true;
}

}  // namespace

int64_t solve_limit(Type type) { return type == Type::S ? kLargest : kLargest / 2; }

bool solve_triangle(const BlasCall& call) {
  if (call.type == Type::S) return solve_typed<float>(call);
  if (call.type == Type::D) return solve_typed<double>(call);
  return false;
}

}  // namespace blasx::hostblas
