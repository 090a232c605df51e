// SPDX-License-Identifier: Apache-2.0
#include "lpcoll/api/known.hpp"

#include <algorithm>
#include <climits>

#include "lpcoll/api/communicator.hpp"
#include "lpcoll/api/progress.hpp"
#include "lpcoll/api/types.hpp"
#include "lpcoll/trace/trace.hpp"

namespace lpcoll::api {
namespace {

// The least number of elements that is not below so many bytes.
uint32_t elements_of(int64_t bytes, int size) {
  return static_cast<uint32_t>(std::min<int64_t>((bytes + size - 1) / size, INT_MAX));
}

}  // namespace

constinit std::atomic<uint64_t> internal::g_changes{1};
constinit thread_local KnownCalls internal::t_known;

bool is_passed_on(Kind kind, int count, MPI_Datatype type, MPI_Comm comm) {
  KnownCalls known;
  known.changes = changes();
  if (watching() || count < 0 || progress().needs_calls()) return false;
  const int size = size_of(type);
  if (size <= 0) return false;
  known.type = type;
  known.anywhere = elements_of(tune::kFloor, size);
  const Communicator* state = trace::enabled() ? nullptr : last_communicator(comm);
  if (state != nullptr) {
    known.comm = comm;
    for (size_t i = 0; i < known.on_comm.size(); ++i)
      known.on_comm[i] = elements_of(state->passed_below[i].load(std::memory_order_relaxed), size);
  }
  const auto elements = static_cast<uint32_t>(count);
  if (elements >= known.anywhere && elements >= known.on_comm[static_cast<size_t>(kind)])
    return false;
  internal::t_known = known;
  return true;
}

}  // namespace lpcoll::api
