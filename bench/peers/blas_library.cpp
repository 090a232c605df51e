// SPDX-License-Identifier: Apache-2.0
#include "bench/peers/blas_library.hpp"

#include <dlfcn.h>

#include <stdexcept>

namespace blasx::bench {

BlasLibrary::BlasLibrary(const std::string& path)
    : path_(path), handle_(dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) {
  if (handle_ == nullptr) throw std::runtime_error(dlerror());
}

void* BlasLibrary::find(const std::string& routine) const {
  void* symbol = dlsym(handle_, ("cblas_" + routine).c_str());
  if (symbol == nullptr) throw std::runtime_error(dlerror());
  return symbol;
}

std::string BlasLibrary::description() const {
  if (void* symbol = dlsym(handle_, "openblas_get_config")) {
    return reinterpret_cast<const char* (*)()>(symbol)();
  }
  const size_t slash = path_.rfind('/');
  return slash == std::string::npos ? path_ : path_.substr(slash + 1);
}

bool BlasLibrary::set_threads(int count) const {
  void* symbol = dlsym(handle_, "openblas_set_num_threads");
  if (symbol == nullptr) return false;
  reinterpret_cast<void (*)(int)>(symbol)(count);
  return true;
}

}  // namespace blasx::bench
