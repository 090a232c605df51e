// SPDX-License-Identifier: Apache-2.0
// The rules that turn a situation into a choice. Pure functions over values.
#pragma once

#include <cstdint>
#include <optional>

#include "blasx/config/messages.hpp"
#include "blasx/offload/predict.hpp"
#include "blasx/tile/call.hpp"

namespace blasx::offload {

// All that a decision depends on beside the call.
struct Situation {
  bool nested = false;
  bool forked = false;
  bool exiting = false;
  bool watched = false;             // someone wants to see every call
  std::optional<double> threshold;  // set by the user
  bool devices_named = false;       // BLASX_DEVICES names devices with memory of their own
  bool cpu_tiles = false;           // tiles may run on the processor
  Rates rates;
  Machine machine;
  double wait_seconds = 0;
};

struct Choice {
  Where where = Where::Host;
  Reason reason = Reason::HostFaster;
  Prediction prediction;
};

// Devices that were named take calls from this many operations on, whatever the model says of them: who names host:2 wants to
// see them work.
inline constexpr double kNamedDevicesFrom = 1e8;

Choice choose(const BlasCall& call, const Situation& situation);

// Seconds that the choice loses against devices that were open already; 0 where it loses nothing.
double lost_to_opening(const Choice& choice, const Situation& situation);

// Calls of this routine with fewer operations need not be looked at: choose() would leave them on the host.
double gate_operations(const Situation& situation);

}  // namespace blasx::offload
