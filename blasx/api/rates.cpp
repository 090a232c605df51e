// SPDX-License-Identifier: Apache-2.0
#include <blasx/blasx.h>

#include "blasx/api/edge.hpp"
#include "blasx/api/routines.hpp"
#include "blasx/offload/offload.hpp"

namespace blasx::api {
namespace {

Status describe(const std::string& name, blasx_rate* out) {
  const auto routine = find_routine(name);
  if (!routine) return no_such_routine(name);
  const offload::RateTable::Entry known = offload::known_rate(routine->routine, routine->type);
  blasx_rate full{};
  copy_text(full.routine, name);
  full.host = known.rates.host;
  full.cpu_tiles = known.rates.cpu;
  full.measured = known.measured ? 1 : 0;
  return hand_over(full, out);
}

}  // namespace
}  // namespace blasx::api

namespace api = blasx::api;

extern "C" {

blasx_status blasx_rate_of(const char* routine, blasx_rate* out) {
  return api::guarded([&] {
    if (routine == nullptr) {
      return blasx::Status(blasx::StatusCode::InvalidArgument, "routine is null");
    }
    return api::describe(routine, out);
  });
}

blasx_status blasx_measure(void) {
  return api::guarded([] { return blasx::offload::measure_all(); });
}

}  // extern "C"
