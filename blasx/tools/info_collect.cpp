// SPDX-License-Identifier: Apache-2.0
#include <dlfcn.h>

#include "blasx/tools/info.hpp"

namespace blasx::tools {
namespace {

// `fill` writes one struct; those it refuses are left out.
template <typename T, typename Fill>
void append(std::vector<T>& list, Fill fill) {
  T one{};
  one.size = sizeof one;
  if (fill(&one) == BLASX_OK) list.push_back(one);
}

std::string library_path() {
  Dl_info found{};
  const auto address = reinterpret_cast<const void*>(&blasx_version);
  return ::dladdr(address, &found) != 0 && found.dli_fname != nullptr ? found.dli_fname : "";
}

void collect_rates(std::vector<blasx_rate>& rates) {
  for (const char* routine :
       {"gemm", "gemmt", "symm", "hemm", "syrk", "herk", "syr2k", "her2k", "trmm", "trsm"}) {
    for (const char letter : {'s', 'd', 'c', 'z'}) {
      const std::string name = letter + std::string(routine);
      append(rates, [&](blasx_rate* out) {
        const blasx_status status = blasx_rate_of(name.c_str(), out);
        return status == BLASX_OK && out->measured == 0 ? BLASX_UNAVAILABLE : status;
      });
    }
  }
}

}  // namespace

Info collect_info() {
  Info info;
  info.version = blasx_version();
  info.library = library_path();
  info.machine = topology::discover();
  for (int32_t i = 0; i < blasx_setting_count(); ++i) {
    append(info.settings, [&](blasx_setting* out) { return blasx_setting_at(i, out); });
  }
  for (const int32_t bits : {32, 64}) {
    append(info.host_blas, [&](blasx_host_blas* out) { return blasx_host_blas_for(bits, out); });
  }
  const int32_t devices = blasx_device_count();
  for (int32_t i = 0; i < devices; ++i) {
    append(info.devices, [&](blasx_device* out) { return blasx_device_at(i, out); });
  }
  collect_rates(info.rates);
  return info;
}

}  // namespace blasx::tools
