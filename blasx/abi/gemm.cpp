// SPDX-License-Identifier: Apache-2.0
// gemm and gemm3m.
#include "blasx/abi/gemm.hpp"

#include "blasx/abi/stamp.hpp"

#define BLASX_STAMP_FORTRAN(face, symbol, T, Name, R)                              \
  BLASX_EXPORT void symbol(                                                        \
      BLASX_FORTRAN_GEMM(BLASX_BODY(FortranGemm, face, T, R, Name)::)) noexcept {  \
    BLASX_BODY(FortranGemm, face, T, R, Name)::call(BLASX_FORTRAN_GEMM_ARGUMENTS); \
  }
#define BLASX_STAMP_CBLAS(face, symbol, T, Name, R)                                                \
  BLASX_EXPORT void symbol(BLASX_CBLAS_GEMM(BLASX_BODY(CblasGemm, face, T, R, Name)::)) noexcept { \
    BLASX_BODY(CblasGemm, face, T, R, Name)::call(BLASX_CBLAS_GEMM_ARGUMENTS);                     \
  }
#define BLASX_GEMM(s, S, name, Name, Routine)                                      \
  BLASX_SPELL_FORTRAN(BLASX_STAMP_FORTRAN, BLASX_ALIAS, s##name, S, Name, Routine) \
  BLASX_SPELL_CBLAS(BLASX_STAMP_CBLAS, BLASX_ALIAS, s##name, S, Name, Routine)
#include "blasx/blas.def"
