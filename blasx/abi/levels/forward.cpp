// SPDX-License-Identifier: Apache-2.0
// Where the forwarders of forward.S go: their slots in the order in which levels.def stamps them.
#include <atomic>
#include <exception>
#include <string>

#include "blasx/abi/levels/spellings.h"
#include "blasx/config/messages.hpp"
#include "blasx/hostblas/hostblas.hpp"
#include "common/log.hpp"

namespace {

// Texts, not pointers to them: pointers would have to be relocated at load time.
struct Forward {
  char name[19];  // the reference's, "cblas_cdotc_sub"
  bool wide;
};
constexpr Forward kForwards[] = {
#define BLASX_ROW(symbol, reference, wide) {#reference, (wide) != 0},
#define BLASX_ALIAS_ROW(symbol, primary)
#define BLASX_FORTRAN(name) BLASX_FORWARD_FORTRAN(BLASX_ROW, BLASX_ALIAS_ROW, name)
#define BLASX_CBLAS(name) BLASX_FORWARD_CBLAS(BLASX_ROW, BLASX_ALIAS_ROW, name)
#include "blasx/abi/levels/levels.def"
};
constexpr uint32_t kCount = sizeof kForwards / sizeof *kForwards;

}  // namespace

extern "C" {

void blasx_forward_missing(void);

[[gnu::visibility("hidden")]] constinit std::atomic<void*> blasx_forward_slots[kCount];

// Called by the first call of each forwarder. Two threads may come at once: both find the same.
[[gnu::visibility("hidden")]] void* blasx_forward_resolve(uint32_t index) noexcept {
  const Forward& forward = kForwards[index];
  void* found = nullptr;
  try {
    found = blasx::hostblas::host_symbol(forward.name, forward.wide);
    if (found == nullptr)
      blasx::log::error(std::string("the host BLAS has no ") + forward.name +
                        ", results are zero; set BLASX_HOST_BLAS to one that has");
  } catch (const std::exception& error) {
    blasx::log::error(error.what());
  }
  if (found == nullptr) found = reinterpret_cast<void*>(&blasx_forward_missing);
  blasx_forward_slots[index].store(found, std::memory_order_release);
  return found;
}

}  // extern "C"
