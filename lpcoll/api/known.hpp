// SPDX-License-Identifier: Apache-2.0
// Calls that are known to be passed on. Where ranks share a core, each of them finds its caches as others have left them: what such a
// call looks at beyond the MPI underneath is one line of its thread and few pages, and its code lies together.
#pragma once

#include <mpi.h>

#include <array>
#include <atomic>
#include <cstdint>

#include "lpcoll/transport/device/device_memory.hpp"
#include "lpcoll/transport/operation.hpp"

namespace lpcoll::api {

// In elements of a type: calls of fewer are passed on.
struct alignas(64) KnownCalls {
  uint64_t changes = 0;  // good while g_changes is this
  MPI_Datatype type{};
  MPI_Comm comm{};
  uint32_t anywhere = 0;                 // on every communicator,
  std::array<uint32_t, 3> on_comm = {};  // and on this one, by kind
};

namespace internal {
// Counts what may make known things wrong: a communicator that goes, a watchdog or a timeline that comes.
extern constinit std::atomic<uint64_t> g_changes;
[[gnu::tls_model("initial-exec")]] extern constinit thread_local KnownCalls t_known;
}  // namespace internal

// Whatever threads remember of communicators and calls is good no longer.
inline void forget_known() { internal::g_changes.fetch_add(1, std::memory_order_acq_rel); }
inline uint64_t changes() { return internal::g_changes.load(std::memory_order_acquire); }

// False says nothing; else the MPI underneath may have any buffer too.
[[gnu::always_inline]] inline bool is_known_to_pass(Kind kind, int count, MPI_Datatype type,
                                                    MPI_Comm comm) {
  const KnownCalls& known = internal::t_known;
  const auto elements = static_cast<uint32_t>(count);  // a negative count is above all limits
  const bool passes = elements < known.anywhere ||
                      (comm == known.comm && elements < known.on_comm[static_cast<size_t>(kind)]);
  return type == known.type && passes && known.changes == changes() && device::is_surely_absent();
}

// Looks further, and remembers what it finds. The MPI underneath may not have every buffer.
bool is_passed_on(Kind kind, int count, MPI_Datatype type, MPI_Comm comm);

}  // namespace lpcoll::api
