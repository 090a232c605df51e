/* SPDX-License-Identifier: Apache-2.0 */
/* The spellings of levels 1 and 2. Macros only, for the compiler, the assembler and the version script.
 *
 * FORWARD(symbol, reference_name, wide) for a function, ALIAS(symbol, primary) for a further name of it; `wide` is 1 for 64-bit
 * integers. */
#ifndef BLASX_ABI_LEVELS_SPELLINGS_H
#define BLASX_ABI_LEVELS_SPELLINGS_H

#define BLASX_FORWARD_FORTRAN(FORWARD, ALIAS, base) \
  FORWARD(base##_, base##_, 0)                      \
  ALIAS(base, base##_)                              \
  FORWARD(base##_64_, base##_, 1)                   \
  ALIAS(base##_64, base##_64_)

#define BLASX_FORWARD_CBLAS(FORWARD, ALIAS, base) \
  FORWARD(cblas_##base, cblas_##base, 0)          \
  FORWARD(cblas_##base##64_, cblas_##base, 1)     \
  ALIAS(cblas_##base##_64, cblas_##base##64_)

#endif
