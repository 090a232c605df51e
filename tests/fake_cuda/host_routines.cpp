// SPDX-License-Identifier: Apache-2.0
#include "tests/fake_cuda/host_routines.hpp"

#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <string>

namespace blasx::fake_cuda {
namespace {

void* open_library() {
  const char* chosen = std::getenv("FAKE_CUDA_BLAS");
  for (const char* path : {chosen, FAKE_CUDA_REFERENCE_BLAS, "libopenblas.so.0", "libblas.so.3"}) {
    if (path == nullptr) continue;
    void* library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) continue;
    // One thread: the results may not depend on the machine's cores.
    if (void* set = dlsym(library, "openblas_set_num_threads")) {
      reinterpret_cast<void (*)(int)>(set)(1);
    }
    return library;
  }
  return nullptr;
}

}  // namespace

void* host_routine(char letter, const char* name) {
  static void* const library = open_library();
  const std::string symbol = letter + std::string(name) + "_";
  void* routine = library != nullptr ? dlsym(library, symbol.c_str()) : nullptr;
  if (routine == nullptr) {
    std::fprintf(stderr, "fake_cuda: no host BLAS with %s; FAKE_CUDA_BLAS names one\n",
                 symbol.c_str());
    std::abort();
  }
  return routine;
}

}  // namespace blasx::fake_cuda
