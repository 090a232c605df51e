// SPDX-License-Identifier: Apache-2.0
// A BlasCall without matrices, from a routine's name and sizes. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "blasx/tile/call.hpp"
#include "common/status.hpp"

namespace blasx::runtime::sim {

struct CallText {
  std::string routine = "dgemm";
  int64_t m = 0, n = 0, k = 0;  // 0: as n
  std::string side = "left", uplo = "lower", trans_a = "n", trans_b = "n";
  bool beta = false;  // C is read
};

// The matrices get addresses that differ and that nobody may read.
Result<BlasCall> make_call(const CallText& text);

}  // namespace blasx::runtime::sim
