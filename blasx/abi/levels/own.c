/* SPDX-License-Identifier: Apache-2.0 */
/* Names of the reference that OpenBLAS or BLIS lack, in terms of what all have. */
#include <complex.h>
#include <math.h>
#include <stdint.h>

#define BLASX_EXPORT __attribute__((visibility("default")))

typedef float s;
typedef double d;
typedef float complex c;
typedef double complex z;

/* ---- CBLAS, for both integer widths: name, suffix of the CBLAS name, type, suffix of Fortran's. */

BLASX_EXPORT float cblas_scabs1(const void* x) {
  const float* parts = x;
  return fabsf(parts[0]) + fabsf(parts[1]);
}
BLASX_EXPORT double cblas_dcabs1(const void* x) {
  const double* parts = x;
  return fabs(parts[0]) + fabs(parts[1]);
}
BLASX_EXPORT float cblas_scabs164_(const void* x) { return cblas_scabs1(x); }
BLASX_EXPORT float cblas_scabs1_64(const void* x) { return cblas_scabs1(x); }
BLASX_EXPORT double cblas_dcabs164_(const void* x) { return cblas_dcabs1(x); }
BLASX_EXPORT double cblas_dcabs1_64(const void* x) { return cblas_dcabs1(x); }

#define BLASX_ROTG(name, real, cblas_suffix, fortran_suffix)                                 \
  extern void name##fortran_suffix(void* a, const void* b, real* cosine, void* sine);        \
  BLASX_EXPORT void cblas_##name##cblas_suffix(void* a, void* b, real* cosine, void* sine) { \
    name##fortran_suffix(a, b, cosine, sine);                                                \
  }
#define BLASX_ROT(name, real, I, cblas_suffix, fortran_suffix)                                     \
  extern void name##fortran_suffix(const I* n, void* x, const I* incx, void* y, const I* incy,     \
                                   const real* cosine, const real* sine);                          \
  BLASX_EXPORT void cblas_##name##cblas_suffix(I n, void* x, I incx, void* y, I incy, real cosine, \
                                               real sine) {                                        \
    name##fortran_suffix(&n, x, &incx, y, &incy, &cosine, &sine);                                  \
  }
#define BLASX_EACH_SPELLING(cblas_suffix, fortran_suffix, I) \
  BLASX_ROTG(crotg, float, cblas_suffix, fortran_suffix)     \
  BLASX_ROTG(zrotg, double, cblas_suffix, fortran_suffix)    \
  BLASX_ROT(csrot, float, I, cblas_suffix, fortran_suffix)   \
  BLASX_ROT(zdrot, double, I, cblas_suffix, fortran_suffix)
BLASX_EACH_SPELLING(, _, int32_t)
BLASX_EACH_SPELLING(64_, _64_, int64_t)
BLASX_EACH_SPELLING(_64, _64_, int64_t)

/* ---- Fortran functions as subroutines, which the reference's CBLAS is built on and exports. */

#define BLASX_SUB_1(result, name, x_type)                                              \
  extern result name##_(const int32_t* n, const x_type* x, const int32_t* incx);       \
  BLASX_EXPORT void name##sub_(const int32_t* n, const x_type* x, const int32_t* incx, \
                               result* out) {                                          \
    *out = name##_(n, x, incx);                                                        \
  }
#define BLASX_SUB_2(result, name, x_type)                                                        \
  extern result name##_(const int32_t* n, const x_type* x, const int32_t* incx, const x_type* y, \
                        const int32_t* incy);                                                    \
  BLASX_EXPORT void name##sub_(const int32_t* n, const x_type* x, const int32_t* incx,           \
                               const x_type* y, const int32_t* incy, result* out) {              \
    *out = name##_(n, x, incx, y, incy);                                                         \
  }
#define BLASX_SUB_0(result, name, x_type) \
  extern result name##_(const x_type* x); \
  BLASX_EXPORT void name##sub_(const x_type* x, result* out) { *out = name##_(x); }

BLASX_SUB_0(s, scabs1, c)
BLASX_SUB_0(d, dcabs1, z)
BLASX_SUB_1(s, sasum, s)
BLASX_SUB_1(d, dasum, d)
BLASX_SUB_1(s, scasum, c)
BLASX_SUB_1(d, dzasum, z)
BLASX_SUB_1(s, snrm2, s)
BLASX_SUB_1(d, dnrm2, d)
BLASX_SUB_1(s, scnrm2, c)
BLASX_SUB_1(d, dznrm2, z)
BLASX_SUB_1(int32_t, isamax, s)
BLASX_SUB_1(int32_t, idamax, d)
BLASX_SUB_1(int32_t, icamax, c)
BLASX_SUB_1(int32_t, izamax, z)
BLASX_SUB_2(s, sdot, s)
BLASX_SUB_2(d, ddot, d)
BLASX_SUB_2(d, dsdot, s)
BLASX_SUB_2(c, cdotu, c)
BLASX_SUB_2(c, cdotc, c)
BLASX_SUB_2(z, zdotu, z)
BLASX_SUB_2(z, zdotc, z)

extern float sdsdot_(const int32_t* n, const float* b, const float* x, const int32_t* incx,
                     const float* y, const int32_t* incy);
BLASX_EXPORT void sdsdotsub_(const int32_t* n, const float* b, const float* x, const int32_t* incx,
                             const float* y, const int32_t* incy, float* out) {
  *out = sdsdot_(n, b, x, incx, y, incy);
}
