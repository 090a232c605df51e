// SPDX-License-Identifier: Apache-2.0
// CUDA's libraries, opened by name when the benchmark runs: it is built where they are not. What is not there is said by has_...().
#pragma once

#include <cublas_v2.h>
#include <cuda_runtime_api.h>

#include <stdexcept>
#include <string>

namespace blasx::bench {

// A shared library that stays open for good.
class OpenedLibrary {
 public:
  // The first of `name`.13, `name`.12, `name` that the loader finds.
  explicit OpenedLibrary(const std::string& name);
  bool there() const { return handle_ != nullptr; }
  // Null where there is no such symbol.
  void* symbol(const std::string& name) const;
  // Throws where there is none.
  template <typename Function>
  Function* function(const std::string& name) const {
    void* found = symbol(name);
    if (found == nullptr) throw std::runtime_error(name + " is not in " + name_);
    return reinterpret_cast<Function*>(found);
  }

 private:
  std::string name_;
  void* handle_ = nullptr;
};

struct CudaLibraries {
  OpenedLibrary runtime{"libcudart.so"};
  OpenedLibrary cublas{"libcublas.so"};
};

// Throw std::runtime_error with the call's name.
void need(cudaError_t error, const char* what);
void need(cublasStatus_t status, const char* what);

}  // namespace blasx::bench
