// SPDX-License-Identifier: Apache-2.0
#include "tests/support/stand_in.hpp"

#include <dlfcn.h>

#include <stdexcept>

namespace blasx::support {

StandIn::StandIn() : library_(dlopen("libcudart.so." BLASX_CUDA_MAJOR_TEXT, RTLD_NOW)) {
  if (library_ == nullptr) throw std::runtime_error(dlerror());
  reset_ = function<void(const char*)>("fake_cuda_reset");
  calls_ = function<int64_t(const char*)>("fake_cuda_calls");
  failed_ = function<int()>("fake_cuda_failed");
  memory_in_use_ = function<int64_t()>("fake_cuda_memory_in_use");
  pending_ = function<int64_t()>("fake_cuda_pending");
}

void* StandIn::find(const char* name) const {
  void* symbol = dlsym(library_, name);
  if (symbol == nullptr) throw std::runtime_error(dlerror());
  return symbol;
}

}  // namespace blasx::support
