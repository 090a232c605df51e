// SPDX-License-Identifier: Apache-2.0
#include <dlfcn.h>

#include "tests/stress/calls.hpp"

namespace blasx::stress {

Calls opened_calls(const char* path, void** handle) {
  Calls calls{};
  *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (*handle == nullptr) return calls;
  const auto set = [&]<typename F>(F*& function, const char* name) {
    function = reinterpret_cast<F*>(dlsym(*handle, name));
  };
  set(calls.dgemm, "cblas_dgemm");
  set(calls.sgemm, "cblas_sgemm");
  set(calls.zherk, "cblas_zherk");
  set(calls.dsyrk, "cblas_dsyrk");
  set(calls.dsyr2k, "cblas_dsyr2k");
  set(calls.dsymm, "cblas_dsymm");
  set(calls.dtrmm, "cblas_dtrmm");
  set(calls.dtrsm, "cblas_dtrsm");
  return calls;
}

}  // namespace blasx::stress
