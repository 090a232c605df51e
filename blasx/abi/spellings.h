/* SPDX-License-Identifier: Apache-2.0 */
/* How one routine is spelled towards programs. Read by the C++ compiler, by the assembler's and the version scripts'
 * preprocessor, so it holds macros only.
 *
 * Each spelling calls PRIMARY(face, symbol, ...) for a function of its own and ALIAS(symbol, primary, ...) for a further name of
 * it; what follows the base name is handed through. */
#ifndef BLASX_ABI_SPELLINGS_H
#define BLASX_ABI_SPELLINGS_H

#define BLASX_SPELL_FORTRAN(PRIMARY, ALIAS, base, ...)  \
  PRIMARY(Fortran32, base##_, __VA_ARGS__)              \
  ALIAS(base, base##_, __VA_ARGS__)                     \
  PRIMARY(Fortran64, base##_64_, __VA_ARGS__)           \
  ALIAS(base##_64, base##_64_, __VA_ARGS__)             \
  PRIMARY(WheelFortran32, scipy_##base##_, __VA_ARGS__) \
  PRIMARY(WheelFortran64, scipy_##base##_64_, __VA_ARGS__)

#define BLASX_SPELL_CBLAS(PRIMARY, ALIAS, base, ...)       \
  PRIMARY(Cblas32, cblas_##base, __VA_ARGS__)              \
  PRIMARY(Cblas64, cblas_##base##64_, __VA_ARGS__)         \
  ALIAS(cblas_##base##_64, cblas_##base##64_, __VA_ARGS__) \
  PRIMARY(WheelCblas32, scipy_cblas_##base, __VA_ARGS__)   \
  PRIMARY(WheelCblas64, scipy_cblas_##base##64_, __VA_ARGS__)

#endif
