// SPDX-License-Identifier: Apache-2.0
// GPUs for tests of the runtime: real ones, or the stand-in's where the loader finds that first. The environment says which:
//   BLASX_TEST_GPUS         the machines, sets of GPUs as "0,0 0,1": the same twice is two devices on one
//   BLASX_TEST_CUDA_MODULE  path of libblasx_cuda.so
//   BLASX_TEST_BLOCKS       tiles that each has room for, at least
//   BLASX_TEST_GPU_IS_REAL  set: without a GPU the test is skipped
#pragma once

#include <cstdint>
#include <vector>

#include "blasx/runtime/options.hpp"

namespace blasx::support {

bool on_gpus();
bool gpus_are_real();
int64_t gpu_blocks();
std::vector<std::vector<int32_t>> gpu_sets();
runtime::ModuleOptions gpus(std::vector<int32_t> numbers);

}  // namespace blasx::support
