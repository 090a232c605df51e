// SPDX-License-Identifier: Apache-2.0
// The inner loops of solve.cpp for one vector width, as templates that are compiled once for each instruction set. No state.
//
// Independent systems lie side by side in the lanes of vectors, so a solve is a matrix product with a triangular factor: for
// a block of rows, subtract the product of the packed factor and the rows solved before, then solve the small triangle
// in registers.
#pragma once

#include <cstdint>
#include <utility>

namespace blasx::hostblas::solve {

#define BLASX_INLINE __attribute__((always_inline)) inline

// Bytes: width of a vector. Rows x Vectors registers hold the block being solved.
template <typename T, int Bytes, int Rows, int Vectors>
struct Body {
  typedef T Vec __attribute__((vector_size(Bytes)));
  typedef T Unaligned __attribute__((vector_size(Bytes), aligned(alignof(T)), may_alias));
  static constexpr int kLanes = Bytes / static_cast<int>(sizeof(T));
  static constexpr int kRows = Rows;
  static constexpr int kVectors = Vectors;
  static constexpr int kWidth = kLanes * Vectors;  // systems solved together

  BLASX_INLINE static void load(Vec& v, const T* p) { v = *reinterpret_cast<const Unaligned*>(p); }
  BLASX_INLINE static void store(T* p, const Vec& v) { *reinterpret_cast<Unaligned*>(p) = v; }

  // x: `rows` rows (a multiple of Rows) of V vectors, kWidth elements apart. factor: for each block of Rows rows, column
  // by column the Rows elements left of the triangle, then the Rows x Rows triangle by columns, its diagonal inverted.
  template <int V>
  BLASX_INLINE static void solve(int64_t rows, const T* factor, T* x) {
    for (int64_t i = 0; i < rows; i += Rows) {
      Vec acc[Rows][V];
      for (int r = 0; r < Rows; ++r)
        for (int v = 0; v < V; ++v) load(acc[r][v], x + (i + r) * kWidth + v * kLanes);
      const T* solved = x;
      for (int64_t k = 0; k < i; ++k, solved += kWidth, factor += Rows) {
        Vec xk[V];
        for (int v = 0; v < V; ++v) load(xk[v], solved + v * kLanes);
        for (int r = 0; r < Rows; ++r)
          for (int v = 0; v < V; ++v) acc[r][v] -= factor[r] * xk[v];
      }
      for (int r = 0; r < Rows; ++r, factor += Rows) {
        for (int v = 0; v < V; ++v) acc[r][v] *= factor[r];
        for (int s = r + 1; s < Rows; ++s)
          for (int v = 0; v < V; ++v) acc[s][v] -= factor[s] * acc[r][v];
      }
      for (int r = 0; r < Rows; ++r)
        for (int v = 0; v < V; ++v) store(x + (i + r) * kWidth + v * kLanes, acc[r][v]);
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
    int64_t i = 0;
    for (; i + kLanes <= rows; i += kLanes) {
      const T* from = b + (backward ? rows - kLanes - i : i);
      for (int64_t j = 0; j < systems; j += kLanes) {
        Vec square[kLanes];
        for (int q = 0; q < kLanes; ++q) {
          if (j + q < systems)
            load(square[q], from + (j + q) * ld);
          else
            square[q] = Vec{};
        }
        transpose(square);
        for (int q = 0; q < kLanes; ++q)
          store(x + (i + (backward ? kLanes - 1 - q : q)) * kWidth + j, square[q] * alpha);
      }
    }
    return i;
  }

  BLASX_INLINE static int64_t scatter(int64_t rows, int64_t systems, T* b, int64_t ld,
                                      bool backward, const T* x) {
    int64_t i = 0;
    for (; i + kLanes <= rows; i += kLanes) {
      T* to = b + (backward ? rows - kLanes - i : i);
      for (int64_t j = 0; j < systems; j += kLanes) {
        Vec square[kLanes];
        for (int q = 0; q < kLanes; ++q)
          load(square[q], x + (i + (backward ? kLanes - 1 - q : q)) * kWidth + j);
        transpose(square);
        for (int q = 0; q < kLanes && j + q < systems; ++q) store(to + (j + q) * ld, square[q]);
      }
    }
    return i;
  }
};

}  // namespace blasx::hostblas::solve
