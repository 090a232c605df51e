// SPDX-License-Identifier: Apache-2.0
// Requests for simulated runs.
#pragma once

#include <numeric>

#include "blasx/runtime/sim/call.hpp"
#include "blasx/runtime/sim/run.hpp"
#include "tests/blasx/sim/machines.hpp"

namespace blasx::runtime::sim {

inline Request request(const char* routine, int64_t n, int64_t tile, int devices) {
  CallText text;
  text.routine = routine;
  text.n = n;
  Request r;
  r.call = make_call(text).value();
  r.tile = tile;
  r.devices.resize(static_cast<size_t>(devices));
  std::iota(r.devices.begin(), r.devices.end(), 0);
  return r;
}

constexpr const char* kFamilies[] = {"dgemm",  "dgemmt", "dsymm", "dsyrk",
                                     "dsyr2k", "dtrmm",  "dtrsm"};

}  // namespace blasx::runtime::sim
