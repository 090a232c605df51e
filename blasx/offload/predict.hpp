// SPDX-License-Identifier: Apache-2.0
// The cost model: from a call and measured rates to the seconds of each choice. Pure functions; the rates are values.
#pragma once

#include <cstdint>

#include "blasx/tile/call.hpp"

namespace blasx::offload {

// Where a call's work is done.
enum class Where : uint8_t {
  Host,     // the host BLAS, called straight
  Cpu,      // tiles on the processor
  Devices,  // tiles on all devices
};
inline constexpr int kWhereCount = 3;

// What was measured (or assumed) for one routine and type, in operations per second; 0: not known.
struct Rates {
  double host = 0;  // the host BLAS with all its threads
  double cpu = 0;   // tiles on all cores
};

// What the machine offers beside the processor.
struct Machine {
  int32_t cores = 1;
  int32_t devices = 0;
  double device_rate = 0;  // operations per second, all devices together
  double link_rate = 0;    // bytes per second between home and all devices together; 0: no limit
  double device_memory_bytes = 0;  // all devices together
  double call_overhead_s = 0;      // of a call as tiles on the processor
  double device_overhead_s = 0;    // of a call as tiles on devices
  double opening_s = 0;            // once, before the first such call
};

struct Prediction {
  double seconds[kWhereCount] = {};  // 0: that choice is not there
  double wait_seconds = 0;           // until the devices are free
};

// Least bytes that move between home and memories of `memory_bytes` together for this call: every operand once, and
// 2 mnk / sqrt(S) words of a product whose operands do not fit.
double least_bytes(const BlasCall& call, double memory_bytes);

Prediction predict(const BlasCall& call, const Rates& rates, const Machine& machine,
                   double wait_seconds);

// The fastest of the choices that are there; the host on a tie.
Where fastest(const Prediction& prediction);

// The smallest operation count at which tiles may win for this routine and type, infinity where they never do.
double break_even_operations(const Rates& rates, const Machine& machine);

}  // namespace blasx::offload
