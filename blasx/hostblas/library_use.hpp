// SPDX-License-Identifier: Apache-2.0
// Keeps our threads out of the host BLAS while it is taken down: once the process ends its destructors free the memory that
// kernels work in, and at each fork OpenBLAS stops its threads. One atomic owned by library_use.cpp; any thread.
#pragma once

#include <chrono>

#include "common/forks.hpp"

namespace blasx::hostblas {

// Holds the library open while it lives, if allowed() says so; otherwise the library must not be called. Waits for a fork that is
// under way.
class LibraryUse {
 public:
  LibraryUse();
  LibraryUse(const LibraryUse&) = delete;
  LibraryUse& operator=(const LibraryUse&) = delete;

  bool allowed() const { return allowed_; }

 private:
  const forks::Section section_;
  const bool allowed_;
};

// No LibraryUse is allowed from now on. Returns once none is left, or after the limit.
void end_library_use(std::chrono::milliseconds limit);

}  // namespace blasx::hostblas
