// SPDX-License-Identifier: Apache-2.0
// The edge between C++ and C.
#pragma once

#include <mpi.h>

#include "lpcoll/api/start.hpp"

namespace lpcoll::api {

// No exception leaves the library; what can be thrown is that there is no memory.
template <typename F>
int guarded(MPI_Comm comm, F&& f) noexcept {
  try {
    return f();
  } catch (...) {
    return raise(comm, MPI_ERR_NO_MEM);
  }
}

}  // namespace lpcoll::api
