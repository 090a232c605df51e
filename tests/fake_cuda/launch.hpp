// SPDX-License-Identifier: Apache-2.0
// How a kernel of the stand-in's cuBLAS becomes an operation in a stream: the handle, operands as the checks see them, the letters
// of the Fortran interface.
#pragma once

#include <algorithm>
#include <type_traits>

#include "cublas_v2.h"
#include "tests/fake_cuda/bridge.hpp"

struct cublasContext {  // NOLINT(readability-identifier-naming): cuBLAS's name
  int device = 0;
  cudaStream_t stream = nullptr;
  void* workspace = nullptr;  // null: cuBLAS's own, which the handle's address stands for
  size_t workspace_bytes = 0;
  bool scalars_on_device = false;
};

namespace blasx::fake_cuda {

template <typename T>
inline constexpr bool kComplex = std::is_same_v<T, cuComplex> || std::is_same_v<T, cuDoubleComplex>;
template <typename T>
inline constexpr char kLetter = std::is_same_v<T, float>       ? 's'
                                : std::is_same_v<T, double>    ? 'd'
                                : std::is_same_v<T, cuComplex> ? 'c'
                                                               : 'z';

// A column-major operand of `rows` x `cols`.
template <typename T>
struct Operand {
  const T* data;
  int ld, rows, cols;
  bool write = false;
  bool valid() const { return rows >= 0 && cols >= 0 && ld >= std::max(1, rows); }
};

template <typename T>
Access access_of(const Operand<T>& o) {
  const bool nothing = o.rows == 0 || o.cols == 0;
  return {{reinterpret_cast<uintptr_t>(o.data), static_cast<size_t>(o.ld) * sizeof(T),
           static_cast<size_t>(o.rows) * sizeof(T), nothing ? 0 : static_cast<size_t>(o.cols)},
          o.write};
}

// `run`: void(std::span<std::byte* const>), called with the operands' places in the order given.
template <typename T, typename F>
cublasStatus_t launch(cublasHandle_t handle, const char* function,
                      std::initializer_list<Operand<T>> operands, F&& run) {
  if (handle == nullptr) return CUBLAS_STATUS_NOT_INITIALIZED;
  if (handle->scalars_on_device) return CUBLAS_STATUS_NOT_SUPPORTED;
  Kernel kernel{function, handle->device, handle->stream, {}, {}, std::forward<F>(run)};
  for (const Operand<T>& operand : operands) {
    if (!operand.valid()) return CUBLAS_STATUS_INVALID_VALUE;
    kernel.operands.push_back(access_of(operand));
  }
  const void* workspace = handle->workspace != nullptr ? handle->workspace : handle;
  const size_t bytes = handle->workspace != nullptr ? handle->workspace_bytes : sizeof *handle;
  kernel.workspace = {{reinterpret_cast<uintptr_t>(workspace), bytes, bytes, 1}, true};
  return fake_cuda_launch(kernel) == cudaSuccess ? CUBLAS_STATUS_SUCCESS
                                                 : CUBLAS_STATUS_EXECUTION_FAILED;
}

inline char letter(cublasOperation_t op) { return "NTC"[op]; }
inline char letter(cublasSideMode_t side) { return side == CUBLAS_SIDE_LEFT ? 'L' : 'R'; }
inline char letter(cublasFillMode_t uplo) { return uplo == CUBLAS_FILL_MODE_UPPER ? 'U' : 'L'; }
inline char letter(cublasDiagType_t diag) { return diag == CUBLAS_DIAG_UNIT ? 'U' : 'N'; }
inline bool known(cublasOperation_t op) { return op >= CUBLAS_OP_N && op <= CUBLAS_OP_C; }

}  // namespace blasx::fake_cuda
