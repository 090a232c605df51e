// SPDX-License-Identifier: Apache-2.0
// The inner loops of solve.cpp for one vector width, as templates that are compiled once for each instruction set. No state.
//
// Independent systems lie side by side in the lanes of vectors, so a solve is a matrix product with a triangular factor: for
// a block of rows, subtract the product of the packed factor and the rows solved before, then solve the small triangle
// in registers (the inner kernel of Goto and van de Geijn, "High-performance implementation of the level-3 BLAS", 2008).
#pragma once

#include <cstdint>
#include <utility>

namespace blasx::hostblas::solve {

#define BLASX_INLINE __attribute__((always_inline)) inline

// Bytes: width of a vector. Rows x Vectors registers hold the block being solved.
template <typename T, int Bytes, int Rows, int Vectors>
struct Body {
  // NOLINTBEGIN(modernize-use-using): attributes that depend on T are taken in a typedef only
  typedef T Vec __attribute__((vector_size(Bytes)));
  typedef T Unaligned __attribute__((vector_size(Bytes), aligned(alignof(T)), may_alias));
  // NOLINTEND(modernize-use-using)
  static constexpr int kLanes = Bytes / static_cast<int>(sizeof(T));
  static constexpr int kRows = Rows;
  static constexpr int kVectors = Vectors;
  static constexpr int kWidth = kLanes * Vectors;                       // systems solved together
  static constexpr int64_t kAhead = 256 / static_cast<int>(sizeof(T));  // elements fetched early

  BLASX_INLINE static void load(Vec& v, const T* p) { v = *reinterpret_cast<const Unaligned*>(p); }
  BLASX_INLINE static void store(T* p, const Vec& v) { *reinterpret_cast<Unaligned*>(p) = v; }

  // One block of Rows rows: x -= F source, F packed column by column, `depth` columns. Rows of x and source are kWidth
  // elements apart, V vectors of them are used.
  template <int V>
  BLASX_INLINE static void subtract(Vec (&acc)[Rows][V], int64_t depth, const T*& factor,
                                    const T* source) {
    for (int64_t k = 0; k < depth; ++k, source += kWidth, factor += Rows) {
      Vec s[V];
      for (int v = 0; v < V; ++v) load(s[v], source + v * kLanes);
      for (int r = 0; r < Rows; ++r)
        for (int v = 0; v < V; ++v) acc[r][v] -= factor[r] * s[v];
    }
  }

  template <int V>
  BLASX_INLINE static void load_block(Vec (&acc)[Rows][V], const T* x) {
    for (int r = 0; r < Rows; ++r)
      for (int v = 0; v < V; ++v) load(acc[r][v], x + r * kWidth + v * kLanes);
  }
  template <int V>
  BLASX_INLINE static void store_block(const Vec (&acc)[Rows][V], T* x) {
    for (int r = 0; r < Rows; ++r)
      for (int v = 0; v < V; ++v) store(x + r * kWidth + v * kLanes, acc[r][v]);
  }

  // The block after this one comes from a farther cache while this one is computed.
  BLASX_INLINE static void prefetch_next(const T* x) {
    constexpr int kLine = 64 / static_cast<int>(sizeof(T));
    for (int i = Rows * kWidth; i < 2 * Rows * kWidth; i += kLine) __builtin_prefetch(x + i, 1, 3);
  }

  // x: `rows` rows, a multiple of Rows. factor: its blocks of Rows rows one after the other.
  template <int V>
  BLASX_INLINE static void update(int64_t rows, int64_t depth, const T* factor, const T* source,
                                  T* x) {
    for (int64_t i = 0; i < rows; i += Rows, x += Rows * kWidth) {
      Vec acc[Rows][V];
      load_block<V>(acc, x);
      prefetch_next(x);
      subtract<V>(acc, depth, factor, source);
      store_block<V>(acc, x);
    }
  }

  // factor: for each block of Rows rows what stands left of its triangle as in update(), then the triangle by columns, its
  // diagonal inverted.
  template <int V>
  BLASX_INLINE static void solve(int64_t rows, const T* factor, T* x) {
    for (int64_t i = 0; i < rows; i += Rows) {
      Vec acc[Rows][V];
      load_block<V>(acc, x + i * kWidth);
      prefetch_next(x + i * kWidth);
      subtract<V>(acc, i, factor, x);
      for (int r = 0; r < Rows; ++r, factor += Rows) {
        for (int v = 0; v < V; ++v) acc[r][v] *= factor[r];
        for (int s = r + 1; s < Rows; ++s)
          for (int v = 0; v < V; ++v) acc[s][v] -= factor[s] * acc[r][v];
      }
      store_block<V>(acc, x + i * kWidth);
    }
  }

  // Transposes kLanes x kLanes elements: row i lane j <-> row j lane i. Each step exchanges the off-diagonal halves of
  // ever smaller squares.
  template <int Half, size_t... L>
  BLASX_INLINE static void exchange(Vec (&rows)[kLanes], std::index_sequence<L...> lanes) {
    constexpr int kHalf = Half;
    for (int i = 0; i < kLanes; ++i) {
      if ((i & kHalf) != 0) continue;
      const Vec a = rows[i];
      const Vec b = rows[i + kHalf];
      rows[i] = __builtin_shufflevector(
          a, b, ((L & kHalf) == 0 ? static_cast<int>(L) : kLanes + static_cast<int>(L) - kHalf)...);
      rows[i + kHalf] = __builtin_shufflevector(
          a, b, ((L & kHalf) == 0 ? static_cast<int>(L) + kHalf : kLanes + static_cast<int>(L))...);
    }
    if constexpr (Half > 1) exchange<Half / 2>(rows, lanes);
  }
  BLASX_INLINE static void transpose(Vec (&rows)[kLanes]) {
    exchange<kLanes / 2>(rows, std::make_index_sequence<static_cast<size_t>(kLanes)>());
  }

  // `rows` x `systems` elements (system j's unknown i at b + j * ld + i) to x, transposed, times alpha; only whole squares
  // of kLanes rows: returns how many rows were done. Lanes past `systems` become zero.
  BLASX_INLINE static int64_t gather(int64_t rows, int64_t systems, const T* b, int64_t ld,
                                     bool backward, T alpha, T* x) {
    const int64_t whole = rows / kLanes * kLanes;
    for (int64_t j = 0; j < systems; j += kLanes) {
      for (int64_t i = 0; i < whole; i += kLanes) {
        const T* from = b + (backward ? rows - kLanes - i : i) + j * ld;
        const int64_t ahead = backward ? -kAhead : kAhead;
        Vec square[kLanes];
        for (int q = 0; q < kLanes; ++q) {
          if (j + q < systems) {
            load(square[q], from + q * ld);
            __builtin_prefetch(from + q * ld + ahead, 0, 3);
          } else {
            square[q] = Vec{};
          }
        }
        transpose(square);
        for (int q = 0; q < kLanes; ++q)
          store(x + (i + (backward ? kLanes - 1 - q : q)) * kWidth + j, square[q] * alpha);
      }
    }
    return whole;
  }

  BLASX_INLINE static int64_t scatter(int64_t rows, int64_t systems, T* b, int64_t ld,
                                      bool backward, const T* x) {
    const int64_t whole = rows / kLanes * kLanes;
    for (int64_t j = 0; j < systems; j += kLanes) {
      for (int64_t i = 0; i < whole; i += kLanes) {
        T* to = b + (backward ? rows - kLanes - i : i) + j * ld;
        const int64_t ahead = backward ? -kAhead : kAhead;
        Vec square[kLanes];
        for (int q = 0; q < kLanes; ++q)
          load(square[q], x + (i + (backward ? kLanes - 1 - q : q)) * kWidth + j);
        transpose(square);
        for (int q = 0; q < kLanes && j + q < systems; ++q) {
          store(to + q * ld, square[q]);
          __builtin_prefetch(to + q * ld + ahead, 1, 3);
        }
      }
    }
    return whole;
  }

  // `count` columns of the factor, Rows elements each: element (r, k) at from + r * row + k * column. Where the rows adjoin in
  // memory a column is one short copy.
  BLASX_INLINE static void pack(const T* from, int64_t row, int64_t column, int64_t count, T* out) {
    if (row == 1) {
      for (int64_t k = 0; k < count; ++k, from += column, out += Rows) {
        for (int r = 0; r < Rows; ++r) out[r] = from[r];
      }
    } else if (row == -1) {
      for (int64_t k = 0; k < count; ++k, from += column, out += Rows) {
        for (int r = 0; r < Rows; ++r) out[r] = from[-r];
      }
    } else {
      for (int64_t k = 0; k < count; ++k, from += column, out += Rows)
        for (int r = 0; r < Rows; ++r) out[r] = from[r * row];
    }
  }
};

}  // namespace blasx::hostblas::solve
