// SPDX-License-Identifier: Apache-2.0
#include "blasx/device/sim/kernel_time.hpp"

#include <algorithm>
#include <cmath>

namespace blasx::device::sim {
namespace {

using tile::Kernel;
using tile::rate_at;

struct Cost {
  Routine routine;
  Family family;
};

Cost cost_of(const tile::Step& step, bool at_home) {
  const bool nt = step.trans_a == Op::NoTrans && step.trans_b != Op::NoTrans;
  const Family gemm = nt ? Family::GemmNt : Family::Gemm;
  switch (step.kernel) {
    case Kernel::Gemm:
      return {Routine::Gemm, gemm};
    case Kernel::Scale:
      return {Routine::Gemm, Family::Gemm};
    case Kernel::Gemmt:  // a device with private blocks computes all of it
      return {at_home ? Routine::Gemmt : Routine::Gemm, gemm};
    case Kernel::Symm:
    case Kernel::Hemm:
      return {Routine::Symm, Family::Symm};
    case Kernel::Syrk:
    case Kernel::Herk:
      return {Routine::Syrk, Family::Syrk};
    case Kernel::Syr2k:
    case Kernel::Her2k:
      return {Routine::Syr2k, Family::Syr2k};
    case Kernel::Trmm:
      return {Routine::Trmm, Family::Trmm};
    case Kernel::Trsm:
      return {Routine::Trsm, Family::Trsm};
  }
  return {Routine::Gemm, Family::Gemm};
}

// What the call's third dimension is for the kernel.
double depth(const tile::Step& step) {
  switch (step.kernel) {
    case Kernel::Symm:
    case Kernel::Hemm:
    case Kernel::Trmm:
    case Kernel::Trsm:
      return static_cast<double>(step.side == Side::Left ? step.m : step.n);
    case Kernel::Scale:
      return 1;
    default:
      return static_cast<double>(step.k);
  }
}

double operations(const tile::Step& step, Type type, Routine routine) {
  BlasCall call;
  call.routine = routine;
  call.type = type;
  call.side = step.side;
  call.m = step.m;
  call.n = step.n;
  call.k = step.kernel == Kernel::Scale ? 1 : step.k;
  return operation_count(call);
}

}  // namespace

double operations_of(const tile::Step& step, Type type) {
  return operations(step, type, cost_of(step, true).routine);
}

double kernel_seconds(const DeviceKind& kind, Type type, const tile::Step& step) {
  const Cost cost = cost_of(step, kind.at_home);
  const double work = operations(step, type, cost.routine);
  const auto m = static_cast<double>(step.m), n = static_cast<double>(step.n);
  const double volume = m * n * depth(step);
  if (volume <= 0) return kind.launch_us * 1e-6;
  const auto& curve = kind.rates[static_cast<size_t>(type)][static_cast<size_t>(cost.family)];
  return kind.launch_us * 1e-6 + work / (rate_at(curve, std::cbrt(volume)) * 1e9);
}

double in_core_gflops(const DeviceKind& kind, Type type, Family family) {
  double best = 0;
  for (const Family f : {Family::Gemm, family}) {
    for (const RatePoint& p : kind.rates[static_cast<size_t>(type)][static_cast<size_t>(f)]) {
      best = std::max(best, p.gflops);
    }
  }
  return best * kind.units;
}

Family family_of(Routine routine) {
  switch (routine) {
    case Routine::Gemm:
    case Routine::Gemm3m:
    case Routine::Gemmt:
      return Family::Gemm;
    case Routine::Symm:
    case Routine::Hemm:
      return Family::Symm;
    case Routine::Syrk:
    case Routine::Herk:
      return Family::Syrk;
    case Routine::Syr2k:
    case Routine::Her2k:
      return Family::Syr2k;
    case Routine::Trmm:
      return Family::Trmm;
    case Routine::Trsm:
      return Family::Trsm;
  }
  return Family::Gemm;
}

}  // namespace blasx::device::sim
