// SPDX-License-Identifier: Apache-2.0
// What the stand-in's cuBLAS needs of its CUDA runtime; the two are libraries of their own, as the real ones are.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "cuda_runtime_api.h"
#include "tests/fake_cuda/races.hpp"

namespace blasx::fake_cuda {

// A kernel of cuBLAS. `body` gets where the operands' bytes are, in the order of `operands`.
struct Kernel {
  const char* function = "";
  int device = 0;
  cudaStream_t stream = nullptr;
  std::vector<Access> operands;
  Access workspace;
  std::function<void(std::span<std::byte* const>)> body;
};

}  // namespace blasx::fake_cuda

extern "C" {
// Counts the call and submits the kernel; operands that the device cannot reach make the operation fail when it runs.
cudaError_t fake_cuda_launch(const blasx::fake_cuda::Kernel& kernel);
// Counts a call that launches nothing. `device`: whose state is asked, -1 for the calling thread's.
cudaError_t fake_cuda_admit(const char* function, int device);
int fake_cuda_current_device();
// -1 where there is no such stream.
int fake_cuda_device_of(cudaStream_t stream, int device);
int fake_cuda_cublas_version();
}
