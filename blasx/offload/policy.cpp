// SPDX-License-Identifier: Apache-2.0
#include "blasx/offload/policy.hpp"

#include <algorithm>
#include <limits>

namespace blasx::offload {
namespace {

bool is_empty(const BlasCall& call) { return call.m <= 0 || call.n <= 0; }

bool multiplies_nothing(const BlasCall& call) {
  return call.alpha == Scalar(0) || operation_count(call) <= 0;
}

Where tiles_where(const Situation& s) {
  return s.machine.devices > 0 ? Where::Devices : Where::Cpu;
}

bool has_tiles(const Situation& s) { return s.machine.devices > 0 || s.cpu_tiles; }

}  // namespace

Choice choose(const BlasCall& call, const Situation& s) {
  if (s.forked) return {Where::Host, Reason::AfterFork, {}};
  if (s.nested) return {Where::Host, Reason::NestedCall, {}};
  if (s.exiting) return {Where::Host, Reason::ExitUnderWay, {}};
  if (!has_tiles(s)) return {Where::Host, Reason::NoDevices, {}};
  if (is_empty(call)) return {Where::Host, Reason::Degenerate, {}};
  Rates rates = s.rates;
  if (!s.cpu_tiles) rates.cpu = 0;
  const Prediction p = predict(call, rates, s.machine, s.wait_seconds);
  const double operations = operation_count(call);
  if (s.threshold) {
    if (operations < *s.threshold) return {Where::Host, Reason::BelowThreshold, p};
    return {tiles_where(s), Reason::ThresholdMet, p};
  }
  if (multiplies_nothing(call)) return {Where::Host, Reason::Degenerate, {}};
  if (s.devices_named && s.machine.devices > 0) {
    if (operations < kNamedDevicesFrom) return {Where::Host, Reason::BelowThreshold, p};
    return {Where::Devices, Reason::DevicesAsked, p};
  }
  const Where best = fastest(p);
  if (best != Where::Host) return {best, Reason::TilesFaster, p};
  const bool lost_by_waiting =
      s.wait_seconds > 0 && fastest(predict(call, rates, s.machine, 0)) != Where::Host;
  return {Where::Host, lost_by_waiting ? Reason::Busy : Reason::HostFaster, p};
}

double lost_to_opening(const Choice& choice, const Situation& s) {
  const double chosen = choice.prediction.seconds[static_cast<int>(choice.where)];
  const double devices = choice.prediction.seconds[static_cast<int>(Where::Devices)];
  if (choice.where == Where::Devices || s.machine.opening_s <= 0 || devices <= 0 || chosen <= 0)
    return 0;
  return std::max(0.0, chosen - (devices - s.machine.opening_s));
}

double gate_operations(const Situation& s) {
  constexpr double kNever = std::numeric_limits<double>::infinity();
  if (s.watched) return 0;
  if (s.forked || s.exiting || !has_tiles(s)) return kNever;
  if (s.threshold) return *s.threshold;
  if (s.devices_named && s.machine.devices > 0) return kNamedDevicesFrom;
  Rates rates = s.rates;
  if (!s.cpu_tiles) rates.cpu = 0;
  return break_even_operations(rates, s.machine);
}

}  // namespace blasx::offload
