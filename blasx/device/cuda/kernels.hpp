// SPDX-License-Identifier: Apache-2.0
// Tile kernels on device memory: each is one call of cuBLAS, submitted to the stream of its handle. No state.
#pragma once

#include "blasx/device/cuda/status.hpp"
#include "blasx/device/device.hpp"
#include "blasx/tile/call.hpp"
#include "blasx/tile/graph.hpp"

namespace blasx::device::cuda {

// What run_step has a kernel read where the step has no A: this many bytes of zeros, one column.
inline constexpr int64_t kZeroBytes = int64_t{1} << 20;

// Computes the step on private blocks: what is outside the stored region of C may be overwritten. `zeros` is device memory.
Status run_step(cublasHandle_t handle, Type type, const tile::Step& step, Window a, Window b,
                Window c, const std::byte* zeros);

// Fills kZeroBytes of device memory.
Status write_zeros(cublasHandle_t handle, std::byte* memory);

}  // namespace blasx::device::cuda
