// SPDX-License-Identifier: Apache-2.0
#include "tests/stress/calls.hpp"

extern "C" {
blasx::stress::Calls::Dgemm cblas_dgemm;
blasx::stress::Calls::Sgemm cblas_sgemm;
blasx::stress::Calls::Zherk cblas_zherk;
blasx::stress::Calls::Dsyrk cblas_dsyrk;
blasx::stress::Calls::Dsyr2k cblas_dsyr2k;
blasx::stress::Calls::Dsymm cblas_dsymm;
blasx::stress::Calls::Dtrmm cblas_dtrmm;
blasx::stress::Calls::Dtrmm cblas_dtrsm;
}

namespace blasx::stress {

const Calls& linked_calls() {
  static constexpr Calls kCalls{cblas_dgemm,  cblas_sgemm, cblas_zherk, cblas_dsyrk,
                                cblas_dsyr2k, cblas_dsymm, cblas_dtrmm, cblas_dtrsm};
  return kCalls;
}

}  // namespace blasx::stress
