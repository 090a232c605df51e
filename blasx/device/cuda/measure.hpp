// SPDX-License-Identifier: Apache-2.0
// Measures the way between a device and home memory when the device is opened. No state; the device's own thread.
#pragma once

#include "blasx/device/cuda/copiers.hpp"
#include "blasx/device/cuda/home_memory.hpp"
#include "blasx/device/cuda/lane.hpp"
#include "blasx/tile/call.hpp"

namespace blasx::device::cuda {

// Copies into the arena, which holds nothing yet: from pinned memory, and what the threads can fill of it meanwhile. Takes some
// milliseconds.
Result<HomeRates> measure_home(Lane& lane, Copiers& copiers, std::byte* arena, int64_t arena_bytes);

// Operations per second of a gemm on the arena, which holds nothing yet: of the largest that takes some milliseconds.
Result<double> measure_kernel(Lane& lane, cublasHandle_t handle, Type type, std::byte* arena,
                              int64_t arena_bytes);

}  // namespace blasx::device::cuda
