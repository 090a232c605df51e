// SPDX-License-Identifier: Apache-2.0
// How a BLAS library is told its number of threads. A table of its functions, filled at discovery and then constant.
#pragma once

#include <memory>

#include "blasx/hostblas/hostblas.hpp"

namespace blasx::hostblas {

struct ThreadControl {
  enum class Scope : uint8_t {
    None,     // it cannot be told
    Process,  // one number for all callers
    Thread,   // a number for each calling thread
  };
  Scope scope = Scope::None;
  int (*get)(const Library&, const ThreadControl&) = nullptr;
  // Returns what a later call has to be given to undo it.
  int (*set)(const Library&, const ThreadControl&, int threads) = nullptr;
  void* getter = nullptr;  // the library's own functions
  void* setter = nullptr;
  void* end_threads =
      nullptr;          // what its own fork handler calls, int(void); null where it needs none
  bool single = false;  // known to use one thread whatever it is told
};

// Never null.
std::shared_ptr<const ThreadControl> find_thread_control(const Library& library);

}  // namespace blasx::hostblas
