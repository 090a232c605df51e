// SPDX-License-Identifier: Apache-2.0
// The end of the process as the library sees it. Nothing runs at load, so a program that made no
// call is met here for the first time; asking its environment is all that this costs it.
#include <cstdlib>
#include <exception>

#include "blasx/config/config.hpp"
#include "blasx/trace/record.hpp"

namespace {

// A user who asked for statistics is told when no call was seen; usually the program has a BLAS
// built in.
bool asked_for_something() {
  return blasx::config::loaded() || ::secure_getenv("BLASX_STATS") != nullptr;
}

[[gnu::destructor]] void at_process_end() noexcept {
  try {
    if (!blasx::trace::configured()) {
      if (!asked_for_something()) return;
      blasx::trace::configure(blasx::config::current()->values());
    }
    blasx::trace::report_at_exit();
  } catch (const std::exception&) {
    // Out of memory at the very end: a report is lost, the program's own exit status is not.
  }
}

}  // namespace
