// SPDX-License-Identifier: Apache-2.0
// Many gemms in one call: groups of equal shape, each member with matrices of its own. A batch of which every product is small
// goes to the host as it is; else each product is a gemm that decides for itself.
#include "blasx/abi/gemm.hpp"
#include "blasx/abi/stamp.hpp"

namespace blasx::abi {
namespace {

using hostblas::Extension;

// Elements of an array of factors, also where they travel as void.
template <Type T>
const Element<T>* factor_at(const Element<T>* factors, int64_t index) {
  return static_cast<const Real<T>*>(factors) + index * (is_complex(T) ? 2 : 1);
}

// Null where a product has to be looked at, or the host has no such function.
template <Face F, Type T>
Function host_batch(bool small) {
  return small ? hostblas::function(F, Extension::GemmBatch, T) : nullptr;
}

#define BLASX_FORTRAN_BATCH(...)                                                               \
  const char *transa, const char *transb, const __VA_ARGS__ I *m, const __VA_ARGS__ I *n,      \
      const __VA_ARGS__ I *k, const __VA_ARGS__ E *alpha, const __VA_ARGS__ E **a,             \
      const __VA_ARGS__ I *lda, const __VA_ARGS__ E **b, const __VA_ARGS__ I *ldb,             \
      const __VA_ARGS__ E *beta, __VA_ARGS__ E **c, const __VA_ARGS__ I *ldc,                  \
      const __VA_ARGS__ I *group_count, const __VA_ARGS__ I *group_size, size_t transa_length, \
      size_t transb_length
#define BLASX_FORTRAN_BATCH_ARGUMENTS                                                    \
  transa, transb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc, group_count, group_size, \
      transa_length, transb_length

#define BLASX_CBLAS_BATCH(...)                                                    \
  int layout, const int *transa, const int *transb, const __VA_ARGS__ I *m,       \
      const __VA_ARGS__ I *n, const __VA_ARGS__ I *k, const __VA_ARGS__ E *alpha, \
      const __VA_ARGS__ E **a, const __VA_ARGS__ I *lda, const __VA_ARGS__ E **b, \
      const __VA_ARGS__ I *ldb, const __VA_ARGS__ E *beta, __VA_ARGS__ E **c,     \
      const __VA_ARGS__ I *ldc, __VA_ARGS__ I group_count, const __VA_ARGS__ I *group_size
#define BLASX_CBLAS_BATCH_ARGUMENTS \
  layout, transa, transb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc, group_count, group_size

// Positions as Fortran counts them: those of gemm's arguments, whose arrays stand in the same places.
constexpr int kGroupCount = 14;
constexpr int kGroupSize = 15;

template <Face F, Type T>
struct FortranBatch {
  using I = Int<F>;
  using E = Element<T>;
  using Gemm = FortranGemm<F, Routine::Gemm, T, Name::Gemm>;

  BLASX_ALWAYS_INLINE static void call(BLASX_FORTRAN_BATCH()) noexcept {
    const Site site{F, T, Name::GemmBatch, BLASX_CALLER};
    if (*group_count < 0) return report_argument(site, kGroupCount);
    bool small = true;
    for (I g = 0; g < *group_count; ++g) {
      const Shape s =
          Gemm::shape(transa + g, transb + g, m + g, n + g, k + g, lda + g, ldb + g, ldc + g);
      int error = first_error<Routine::Gemm>(s);
      if (error == 0 && group_size[g] < 0) error = kGroupSize;
      if (error != 0) return report_argument(site, error);
      small = small && offload::stays_on_host(Routine::Gemm, T, operations<Routine::Gemm, T>(s));
    }
    if (const Function f = host_batch<F, T>(small))
      return reinterpret_cast<decltype(&call)>(f)(BLASX_FORTRAN_BATCH_ARGUMENTS);
    int64_t member = 0;
    for (I g = 0; g < *group_count; ++g) {
      for (I i = 0; i < group_size[g]; ++i, ++member) {
        Gemm::call(transa + g, transb + g, m + g, n + g, k + g, factor_at<T>(alpha, g), a[member],
                   lda + g, b[member], ldb + g, factor_at<T>(beta, g), c[member], ldc + g, 1, 1);
      }
    }
  }
};

template <Face F, Type T>
struct CblasBatch {
  using I = Int<F>;
  using E = Element<T>;
  using Gemm = CblasGemm<F, Routine::Gemm, T, Name::Gemm>;
  using A = typename Gemm::A;

  static A factor_of(const E* factors, I g) {
    if constexpr (is_complex(T))
      return factor_at<T>(factors, g);
    else
      return factors[g];
  }

  BLASX_ALWAYS_INLINE static void call(BLASX_CBLAS_BATCH()) noexcept {
    const Site site{F, T, Name::GemmBatch, BLASX_CALLER, layout == kRowMajor};
    if (!is_layout(layout)) return report_enum(site, 1, "layout", layout);
    if (group_count < 0) return report_argument(site, kGroupCount);
    bool small = true;
    for (I g = 0; g < group_count; ++g) {
      const Shape s =
          Gemm::shape(layout, transa[g], transb[g], m[g], n[g], k[g], lda[g], ldb[g], ldc[g]);
      int error = first_error<Routine::Gemm>(s);
      if (error == 0 && group_size[g] < 0) error = kGroupSize;
      if (error != 0)
        return report_cblas(site, error,
                            {{"layout", layout}, {"TransA", transa[g]}, {"TransB", transb[g]}});
      small = small && offload::stays_on_host(Routine::Gemm, T, operations<Routine::Gemm, T>(s));
    }
    if (const Function f = host_batch<F, T>(small))
      return reinterpret_cast<decltype(&call)>(f)(BLASX_CBLAS_BATCH_ARGUMENTS);
    int64_t member = 0;
    for (I g = 0; g < group_count; ++g) {
      for (I i = 0; i < group_size[g]; ++i, ++member) {
        Gemm::call(layout, transa[g], transb[g], m[g], n[g], k[g], factor_of(alpha, g), a[member],
                   lda[g], b[member], ldb[g], factor_of(beta, g), c[member], ldc[g]);
      }
    }
  }
};

}  // namespace
}  // namespace blasx::abi

#define BLASX_BATCH_BODY(body, face, T) blasx::abi::body<blasx::abi::Face::face, blasx::Type::T>
#define BLASX_STAMP_FORTRAN(face, symbol, T)                                      \
  BLASX_EXPORT void symbol(                                                       \
      BLASX_FORTRAN_BATCH(BLASX_BATCH_BODY(FortranBatch, face, T)::)) noexcept {  \
    BLASX_BATCH_BODY(FortranBatch, face, T)::call(BLASX_FORTRAN_BATCH_ARGUMENTS); \
  }
#define BLASX_STAMP_CBLAS(face, symbol, T)                                                        \
  BLASX_EXPORT void symbol(BLASX_CBLAS_BATCH(BLASX_BATCH_BODY(CblasBatch, face, T)::)) noexcept { \
    BLASX_BATCH_BODY(CblasBatch, face, T)::call(BLASX_CBLAS_BATCH_ARGUMENTS);                     \
  }
#define BLASX_GEMM_BATCH(s, S, name)                                \
  BLASX_SPELL_FORTRAN(BLASX_STAMP_FORTRAN, BLASX_ALIAS, s##name, S) \
  BLASX_SPELL_CBLAS(BLASX_STAMP_CBLAS, BLASX_ALIAS, s##name, S)
#include "blasx/blas.def"
