// SPDX-License-Identifier: Apache-2.0
// Where a call runs: the gate that small calls pass without a function call, the decision for the others, and the two ways to
// carry it out. The state (gate, settings, the runtime) is owned by offload.cpp; any thread may call everything here.
//
//   Function f = hostblas::function(face, r, t);
//   if (f != nullptr && offload::stays_on_host(r, t, flops)) return f(the caller's own arguments);
//   BlasCall call = ...;
//   Decision d = offload::decide(call, face);
//   if (offload::run_tiles(call, d)) return;
//   offload::HostCall scope(call, d);
//   f = hostblas::function(face, r, t);                      // decide() has resolved it
//   if (f != nullptr) f(the caller's own arguments); else hostblas::run_call(call);
#pragma once

#include <atomic>
#include <cstdint>

#include "blasx/config/messages.hpp"
#include "blasx/hostblas/hostblas.hpp"
#include "blasx/offload/predict.hpp"
#include "blasx/offload/rates.hpp"
#include "blasx/tile/call.hpp"
#include "common/status.hpp"

namespace blasx::offload {

// Calls with fewer operations stay on the host without being looked at. 0 until the first call has initialised everything, and
// where every call has to be seen (statistics, EXPLAIN, timeline, BLASX_THRESHOLD=0).
struct Gate {
  std::atomic<double> min_operations[kRoutineCount][kTypeCount];
};
extern constinit Gate g_gate;

inline bool stays_on_host(Routine r, Type t, double operations) {
  return operations < g_gate.min_operations[static_cast<int>(r)][static_cast<int>(t)].load(
                          std::memory_order_relaxed);
}

struct Decision {
  Where where = Where::Host;
  Reason reason = Reason::HostFaster;
  Prediction prediction;  // zeros where nothing was predicted
  int64_t start_ns = 0;   // when decide() was entered; 0: nobody wants a record
};

// The first call initialises: settings, host BLAS, statistics, fork handler. Never throws.
Decision decide(const BlasCall& call, hostblas::Face face) noexcept;

// True when C has been computed. False when the decision was the host, or when the runtime failed with C untouched (then it
// has warned, and `decision` says why): the caller calls the host.
bool run_tiles(const BlasCall& call, Decision& decision) noexcept;

// Around a call of the host BLAS: level-3 calls that it makes by name on this thread go straight to the host, and the call
// is recorded when someone wants to know.
class HostCall {
 public:
  HostCall(const BlasCall& call, const Decision& decision) noexcept;
  ~HostCall();
  HostCall(const HostCall&) = delete;
  HostCall& operator=(const HostCall&) = delete;

 private:
  const BlasCall& call_;
  const Decision& decision_;
  const hostblas::InsideGuard inside_;
};

// Marks the calling thread: what it calls goes to the host BLAS.
using hostblas::InsideGuard;

// What is believed of a routine, and whether it was measured; measuring everything now. Both initialise what decide() does.
RateTable::Entry known_rate(Routine r, Type t);
Status measure_all();

// After blasx_set: reads the settings again and sets the gate anew.
void settings_changed() noexcept;

}  // namespace blasx::offload
