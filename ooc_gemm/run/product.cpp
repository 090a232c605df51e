// SPDX-License-Identifier: Apache-2.0
#include "ooc_gemm/run/product.hpp"

#include <blasx/cblas.h>

#include <algorithm>

namespace ooc_gemm::run {

namespace {

CBLAS_TRANSPOSE flag(const Factor& factor) {
  if (!factor.transposed) return CblasNoTrans;
  return factor.conjugated ? CblasConjTrans : CblasTrans;
}

}  // namespace

void multiply(const Product& product) {
  const CBLAS_LAYOUT layout = product.row_major ? CblasRowMajor : CblasColMajor;
  const auto m = static_cast<int>(product.m);
  const auto n = static_cast<int>(product.n);
  const auto k = static_cast<int>(product.k);
  const int lda = static_cast<int>(std::max<int64_t>(product.a.ld, 1));
  const int ldb = static_cast<int>(std::max<int64_t>(product.b.ld, 1));
  const int ldc = static_cast<int>(std::max<int64_t>(product.ldc, 1));
  const CBLAS_TRANSPOSE ta = flag(product.a);
  const CBLAS_TRANSPOSE tb = flag(product.b);
  const void* a = product.a.data;
  const void* b = product.b.data;
  const std::complex<float> alpha_c(product.alpha);
  const std::complex<float> beta_c(product.beta);
  switch (product.element) {
    case storage::Element::F4:
      cblas_sgemm(layout, ta, tb, m, n, k, alpha_c.real(), static_cast<const float*>(a), lda,
                  static_cast<const float*>(b), ldb, beta_c.real(), static_cast<float*>(product.c),
                  ldc);
      break;
    case storage::Element::F8:
      cblas_dgemm(layout, ta, tb, m, n, k, product.alpha.real(), static_cast<const double*>(a), lda,
                  static_cast<const double*>(b), ldb, product.beta.real(),
                  static_cast<double*>(product.c), ldc);
      break;
    case storage::Element::C8:
      cblas_cgemm(layout, ta, tb, m, n, k, &alpha_c, a, lda, b, ldb, &beta_c, product.c, ldc);
      break;
    case storage::Element::C16:
      cblas_zgemm(layout, ta, tb, m, n, k, &product.alpha, a, lda, b, ldb, &product.beta, product.c,
                  ldc);
      break;
  }
}

}  // namespace ooc_gemm::run
