// SPDX-License-Identifier: Apache-2.0
#include "blasx/offload/predict.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace blasx::offload {
namespace {

// Tiles have to be this much better, so that noise in the rates does not decide.
constexpr double kMargin = 0.97;
// Right-hand sides that a worker needs to keep the processor's vectors busy.
constexpr double kLeastSystems = 96;

struct Elements {
  double read = 0, written = 0;
  double products = 0;  // m n k of the multiplication behind it
};

Elements elements_of(const BlasCall& call) {
  const auto m = static_cast<double>(call.m), n = static_cast<double>(call.n),
             k = static_cast<double>(call.k);
  const double side = call.side == Side::Left ? m : n;
  const bool one_input = call.a != nullptr && call.a == call.b;  // read once in both roles
  switch (call.routine) {
    case Routine::Gemm:
    case Routine::Gemm3m:
      return {one_input ? std::max(m, n) * k : (m + n) * k, m * n, m * n * k};
    case Routine::Gemmt:
      return {(one_input ? 1 : 2) * n * k, n * n / 2, n * n * k / 2};
    case Routine::Symm:
    case Routine::Hemm:
      return {side * side / 2 + m * n, m * n, m * n * side};
    case Routine::Syrk:
    case Routine::Herk:
      return {n * k, n * n / 2, n * n * k / 2};
    case Routine::Syr2k:
    case Routine::Her2k:
      return {(one_input ? 1 : 2) * n * k, n * n / 2, n * n * k};
    case Routine::Trmm:
    case Routine::Trsm:
      return {side * side / 2, m * n, m * n * side / 2};
  }
  return {};
}

bool reads_c(const BlasCall& call) {
  return call.routine == Routine::Trmm || call.routine == Routine::Trsm || call.beta != Scalar(0);
}

bool enough_parallelism(const BlasCall& call, int32_t cores) {
  if (call.routine != Routine::Trsm) return true;
  const auto systems = static_cast<double>(call.side == Side::Left ? call.n : call.m);
  return systems >= kLeastSystems * cores;
}

}  // namespace

double least_bytes(const BlasCall& call, double memory_bytes) {
  const Elements e = elements_of(call);
  const auto word = static_cast<double>(element_bytes(call.type));
  const double once = (e.read + e.written * (reads_c(call) ? 2 : 1)) * word;
  if (memory_bytes <= 0 || (e.read + e.written) * word <= memory_bytes) return once;
  return std::max(once, (2 * e.products / std::sqrt(memory_bytes / word) + e.written) * word);
}

Prediction predict(const BlasCall& call, const Rates& rates, const Machine& machine,
                   double wait_seconds) {
  Prediction p;
  p.wait_seconds = wait_seconds;
  const double operations = operation_count(call);
  // While another call's tiles keep the cores busy the host BLAS gets about one of them.
  const double share = wait_seconds > 0 ? std::max(1, machine.cores) : 1;
  if (rates.host > 0) p.seconds[static_cast<int>(Where::Host)] = operations / rates.host * share;
  if (rates.cpu > 0 && enough_parallelism(call, machine.cores))
    p.seconds[static_cast<int>(Where::Cpu)] =
        wait_seconds + machine.call_overhead_s + operations / rates.cpu;
  if (machine.devices > 0 && machine.device_rate > 0) {
    const double compute = operations / machine.device_rate;
    const double move = machine.link_rate > 0
                            ? least_bytes(call, machine.device_memory_bytes) / machine.link_rate
                            : 0;
    p.seconds[static_cast<int>(Where::Devices)] =
        wait_seconds + machine.opening_s + machine.device_overhead_s + std::max(compute, move);
  }
  return p;
}

Where fastest(const Prediction& prediction) {
  Where best = Where::Host;
  double least = prediction.seconds[static_cast<int>(Where::Host)] * kMargin;
  if (least <= 0) least = std::numeric_limits<double>::infinity();
  for (const Where where : {Where::Cpu, Where::Devices}) {
    const double seconds = prediction.seconds[static_cast<int>(where)];
    if (seconds <= 0 || seconds >= least) continue;
    best = where;
    least = seconds;
  }
  return best;
}

double break_even_operations(const Rates& rates, const Machine& machine) {
  double least = std::numeric_limits<double>::infinity();
  const auto consider = [&](double rate, double overhead_s) {
    if (rate <= 0) return;
    const double gain = rates.host > 0 ? kMargin / rates.host - 1 / rate : 1;
    if (gain > 0) least = std::min(least, overhead_s / gain);
  };
  consider(rates.cpu, machine.call_overhead_s);
  if (machine.devices > 0) consider(machine.device_rate, machine.device_overhead_s);
  return least;
}

}  // namespace blasx::offload
