// SPDX-License-Identifier: Apache-2.0
// One level-3 BLAS call in its normal form: column-major, 64-bit sizes, the written matrix in `c`. A plain
// value; whoever holds it owns nothing but the value, the matrices stay the caller's.
#pragma once

#include <array>
#include <complex>
#include <cstddef>
#include <cstdint>

namespace blasx {

enum class Routine : uint8_t {
  Gemm,
  Gemm3m,  // gemm to the tiles; a name of its own towards the host BLAS and in statistics
  Gemmt,
  Symm,
  Hemm,
  Syrk,
  Herk,
  Syr2k,
  Her2k,
  Trmm,
  Trsm,
};
inline constexpr int kRoutineCount = 11;

enum class Type : uint8_t { S, D, C, Z };
inline constexpr int kTypeCount = 4;

enum class Op : uint8_t { NoTrans, Trans, ConjTrans };
enum class Uplo : uint8_t { Upper, Lower };
enum class Side : uint8_t { Left, Right };
enum class Diag : uint8_t { NonUnit, Unit };

// alpha or beta; float values are exact in it. Real types and herk's real factors leave im at 0.
using Scalar = std::complex<double>;

// Meaning of m, n, k by routine (always the normal, column-major form):
//   gemm          C is m x n, inner dimension k
//   gemmt         C is n x n (m == n), triangle `uplo` written, inner dimension k
//   symm, hemm    C is m x n, A square of side m (Left) or n (Right), triangle `uplo` stored; k unused (0)
//   syrk .. her2k C is n x n (m == n), triangle `uplo` written, inner dimension k; trans_a is BLAS's trans
//   trmm, trsm    C (BLAS's B, in place) is m x n, A square of side m (Left) or n (Right); b, beta, k unused
struct BlasCall {
  Routine routine = Routine::Gemm;
  Type type = Type::D;
  Side side = Side::Left;
  Uplo uplo = Uplo::Upper;
  Op trans_a = Op::NoTrans;
  Op trans_b = Op::NoTrans;
  Diag diag = Diag::NonUnit;
  int64_t m = 0, n = 0, k = 0;
  Scalar alpha = 1.0;
  Scalar beta = 0.0;
  const void* a = nullptr;
  const void* b = nullptr;
  void* c = nullptr;
  int64_t lda = 1, ldb = 1, ldc = 1;
};

constexpr int64_t element_bytes(Type t) {
  constexpr int64_t kBytes[kTypeCount] = {4, 8, 8, 16};
  return kBytes[static_cast<int>(t)];
}
constexpr bool is_complex(Type t) { return t == Type::C || t == Type::Z; }

// One of the call's matrices as it lies in memory, columns ld elements apart; no data where the call has no such matrix.
struct Matrix {
  std::byte* data = nullptr;
  int64_t rows = 0, cols = 0, ld = 1;
  // From the first element to the end of the last, 0 if there is none.
  int64_t extent_bytes(int64_t element_bytes) const {
    return rows <= 0 || cols <= 0 ? 0 : ((cols - 1) * ld + rows) * element_bytes;
  }
};
// A, B and C.
std::array<Matrix, 3> matrices_of(const BlasCall& call);

// Floating-point operations of the call by the usual LAPACK count (a complex multiply-add counts 8).
double operation_count(const BlasCall& call);

// "gemm", "her2k", ... without the type letter; 's', 'd', 'c', 'z'.
const char* routine_name(Routine r);
char type_letter(Type t);

}  // namespace blasx
