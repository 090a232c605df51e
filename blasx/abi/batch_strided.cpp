// SPDX-License-Identifier: Apache-2.0
// Many gemms of one shape in one call, their matrices at equal distances.
#include "blasx/abi/gemm.hpp"
#include "blasx/abi/stamp.hpp"

namespace blasx::abi {
namespace {

using hostblas::Extension;

#define BLASX_FORTRAN_STRIDED(...)                                                        \
  const char *transa, const char *transb, const __VA_ARGS__ I *m, const __VA_ARGS__ I *n, \
      const __VA_ARGS__ I *k, const __VA_ARGS__ E *alpha, const __VA_ARGS__ E *a,         \
      const __VA_ARGS__ I *lda, const __VA_ARGS__ I *stridea, const __VA_ARGS__ E *b,     \
      const __VA_ARGS__ I *ldb, const __VA_ARGS__ I *strideb, const __VA_ARGS__ E *beta,  \
      __VA_ARGS__ E *c, const __VA_ARGS__ I *ldc, const __VA_ARGS__ I *stridec,           \
      const __VA_ARGS__ I *batch_size, size_t transa_length, size_t transb_length
#define BLASX_FORTRAN_STRIDED_ARGUMENTS                                                    \
  transa, transb, m, n, k, alpha, a, lda, stridea, b, ldb, strideb, beta, c, ldc, stridec, \
      batch_size, transa_length, transb_length

#define BLASX_CBLAS_STRIDED(...)                                                             \
  int layout, int transa, int transb, __VA_ARGS__ I m, __VA_ARGS__ I n, __VA_ARGS__ I k,     \
      __VA_ARGS__ A alpha, const __VA_ARGS__ E *a, __VA_ARGS__ I lda, __VA_ARGS__ I stridea, \
      const __VA_ARGS__ E *b, __VA_ARGS__ I ldb, __VA_ARGS__ I strideb, __VA_ARGS__ A beta,  \
      __VA_ARGS__ E *c, __VA_ARGS__ I ldc, __VA_ARGS__ I stridec, __VA_ARGS__ I batch_size
#define BLASX_CBLAS_STRIDED_ARGUMENTS                                                              \
  layout, transa, transb, m, n, k, alpha, a, lda, stridea, b, ldb, strideb, beta, c, ldc, stridec, \
      batch_size

constexpr int kBatchSize = 17;  // as Fortran counts

// gemm's positions, with the strides between.
constexpr int strided_position(int gemm_position) {
  return gemm_position == 10 ? 11 : gemm_position == 13 ? 15 : gemm_position;
}

template <Type T>
struct Matrix {
  using E = Element<T>;
  static constexpr int64_t kParts = is_complex(T) ? 2 : 1;
  static const E* at(const E* first, int64_t stride, int64_t index) {
    return static_cast<const Real<T>*>(first) + stride * index * kParts;
  }
  static E* at(E* first, int64_t stride, int64_t index) {
    return static_cast<Real<T>*>(first) + stride * index * kParts;
  }
};

template <Face F, Type T>
Function host_strided(const Shape& s) {
  if (!offload::stays_on_host(Routine::Gemm, T, operations<Routine::Gemm, T>(s))) return nullptr;
  return hostblas::function(F, Extension::GemmBatchStrided, T);
}

template <Face F, Type T>
struct FortranStrided {
  using I = Int<F>;
  using E = Element<T>;
  using Gemm = FortranGemm<F, Routine::Gemm, T, Name::Gemm>;

  BLASX_ALWAYS_INLINE static void call(BLASX_FORTRAN_STRIDED()) noexcept {
    const Site site{F, T, Name::GemmBatchStrided, BLASX_CALLER};
    const Shape s = Gemm::shape(transa, transb, m, n, k, lda, ldb, ldc);
    if (const int error = first_error<Routine::Gemm>(s))
      return report_argument(site, strided_position(error));
    if (*batch_size < 0) return report_argument(site, kBatchSize);
    if (const Function f = host_strided<F, T>(s))
      return reinterpret_cast<decltype(&call)>(f)(BLASX_FORTRAN_STRIDED_ARGUMENTS);
    for (int64_t i = 0; i < *batch_size; ++i) {
      Gemm::call(transa, transb, m, n, k, alpha, Matrix<T>::at(a, *stridea, i), lda,
                 Matrix<T>::at(b, *strideb, i), ldb, beta, Matrix<T>::at(c, *stridec, i), ldc,
                 transa_length, transb_length);
    }
  }
};

template <Face F, Type T>
struct CblasStrided {
  using I = Int<F>;
  using E = Element<T>;
  using Gemm = CblasGemm<F, Routine::Gemm, T, Name::Gemm>;
  using A = typename Gemm::A;

  BLASX_ALWAYS_INLINE static void call(BLASX_CBLAS_STRIDED()) noexcept {
    const Site site{F, T, Name::GemmBatchStrided, BLASX_CALLER, layout == kRowMajor};
    const Shape s = Gemm::shape(layout, transa, transb, m, n, k, lda, ldb, ldc);
    if (const int error = first_error<Routine::Gemm>(s)) {
      return report_cblas(site, strided_position(error),
                          {{"layout", layout}, {"TransA", transa}, {"TransB", transb}});
    }
    if (batch_size < 0) return report_argument(site, kBatchSize);
    if (const Function f = host_strided<F, T>(s))
      return reinterpret_cast<decltype(&call)>(f)(BLASX_CBLAS_STRIDED_ARGUMENTS);
    for (int64_t i = 0; i < batch_size; ++i) {
      Gemm::call(layout, transa, transb, m, n, k, alpha, Matrix<T>::at(a, stridea, i), lda,
                 Matrix<T>::at(b, strideb, i), ldb, beta, Matrix<T>::at(c, stridec, i), ldc);
    }
  }
};

}  // namespace
}  // namespace blasx::abi

#define BLASX_BATCH_BODY(body, face, T) blasx::abi::body<blasx::abi::Face::face, blasx::Type::T>
#define BLASX_STAMP_FORTRAN(face, symbol, T)                                          \
  BLASX_EXPORT void symbol(                                                           \
      BLASX_FORTRAN_STRIDED(BLASX_BATCH_BODY(FortranStrided, face, T)::)) noexcept {  \
    BLASX_BATCH_BODY(FortranStrided, face, T)::call(BLASX_FORTRAN_STRIDED_ARGUMENTS); \
  }
#define BLASX_STAMP_CBLAS(face, symbol, T)                                        \
  BLASX_EXPORT void symbol(                                                       \
      BLASX_CBLAS_STRIDED(BLASX_BATCH_BODY(CblasStrided, face, T)::)) noexcept {  \
    BLASX_BATCH_BODY(CblasStrided, face, T)::call(BLASX_CBLAS_STRIDED_ARGUMENTS); \
  }
#define BLASX_GEMM_BATCH_STRIDED(s, S, name)                        \
  BLASX_SPELL_FORTRAN(BLASX_STAMP_FORTRAN, BLASX_ALIAS, s##name, S) \
  BLASX_SPELL_CBLAS(BLASX_STAMP_CBLAS, BLASX_ALIAS, s##name, S)
#include "blasx/blas.def"
