// SPDX-License-Identifier: Apache-2.0
// The BLAS of this machine, which does the arithmetic of the stand-in's cuBLAS. Opened once, by path, the reference BLAS before all
// others: it has no threads and reads what the definition says.
#pragma once

namespace blasx::fake_cuda {

// The Fortran routine `letter` + `name` ("d", "gemm"). Ends the process with a message where there is none.
void* host_routine(char letter, const char* name);

}  // namespace blasx::fake_cuda
