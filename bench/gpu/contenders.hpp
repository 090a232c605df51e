// SPDX-License-Identifier: Apache-2.0
// Who computes: libblasx, cuBLASXt and NVBLAS behind one form. Each calls a library that was opened by path.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "bench/gpu/cuda_libraries.hpp"
#include "bench/gpu/problem.hpp"
#include "bench/peers/blas_library.hpp"

namespace blasx::bench {

class Contender {
 public:
  virtual ~Contender() = default;
  virtual std::string name() const = 0;
  virtual void run(Family family, Problem<float>& problem) = 0;
  virtual void run(Family family, Problem<double>& problem) = 0;
};

// Throws std::runtime_error where the library cannot be opened.
std::unique_ptr<Contender> open_ours(const std::string& path);

// How cuBLASXt works: its tiles' edge, and whether it pins the matrices for each call.
struct XtSettings {
  int tile = 2048;
  bool pin = true;
};
// Null where the toolkit's cuBLAS has none.
std::unique_ptr<Contender> open_xt(const CudaLibraries& cuda, const XtSettings& settings);
// The same settings; `host_blas` is what NVBLAS gives small calls to. Null with a reason where it is not there.
std::unique_ptr<Contender> open_nvblas(const XtSettings& settings, const std::string& host_blas,
                                       std::string& reason);

}  // namespace blasx::bench
