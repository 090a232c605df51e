// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <memory>

#include "blasx/hostblas/host_threads.hpp"
#include "blasx/tools/machine/crew.hpp"
#include "blasx/tools/machine/measure.hpp"
#include "blasx/tools/machine/operands.hpp"

namespace blasx::tools {
namespace {

// A round lasts about so long: short ones are all noise.
constexpr double kRoundOperations = 2e8;

double operations_of(const KernelFamily& family, Type type, int64_t edge) {
  BlasCall call;
  call.routine = family.routine;
  call.type = type;
  call.m = call.n = call.k = edge;
  return operation_count(call);
}

}  // namespace

std::vector<double> kernel_rates(const KernelFamily& family, Type type, int64_t edge,
                                 int32_t threads, int rounds) {
  const hostblas::ScopedSingleThread single;
  const tile::Step step = step_of(family, edge);
  const double operations = operations_of(family, type, edge);
  const int times = std::max(1, static_cast<int>(std::lround(kRoundOperations / operations)));
  std::vector<std::unique_ptr<Operands>> operands(static_cast<size_t>(threads));
  std::vector<double> rates = usual_round(
      threads, rounds,
      [&](int32_t i) {
        auto& mine = operands[static_cast<size_t>(i)];
        mine = std::make_unique<Operands>(type, edge);
        mine->run(step);  // wakes what sleeps
      },
      [](int32_t) {},
      [&](int32_t i) {
        for (int n = 0; n < times; ++n) operands[static_cast<size_t>(i)]->run(step);
      });
  for (double& rate : rates) rate = operations * times / rate;  // so far seconds
  return rates;
}

Measured measure(const Measuring& what) {
  // What a part costs, to tell how far it is: mostly the operations of its largest edge.
  double all = 0, done = 0;
  const auto cost = [&](size_t family, Type type, int64_t edge) {
    return std::max(kRoundOperations, operations_of(kKernelFamilies[family], type, edge));
  };
  for (const Type type : what.types) {
    for (const size_t family : what.families) {
      for (const int64_t edge : what.edges) all += cost(family, type, edge);
    }
  }
  Measured measured;
  for (const Type type : what.types) {
    for (const size_t family : what.families) {
      Curve curve{type, family, {}};
      for (const int64_t edge : what.edges) {
        std::vector<double> rates =
            kernel_rates(kKernelFamilies[family], type, edge, what.threads, what.rounds);
        for (double& rate : rates) rate *= 1e-9;
        curve.points.emplace_back(edge, std::move(rates));
        done += cost(family, type, edge);
        what.progress(done / all);
      }
      measured.curves.push_back(curve);
    }
  }
  for (const Way way : {Way::In, Way::Out, Way::Peer})
    measured.copy_bytes_per_s[static_cast<size_t>(way)] =
        copy_rate(way, 1, what.threads, what.rounds);
  measured.all_copies_bytes_per_s =
      what.threads * copy_rate(Way::In, what.threads, what.threads, what.rounds);
  const HandOver hand_over = hand_over_beside_kernels(what.threads);
  measured.operation_us = hand_over.processor_s * 1e6;
  measured.operation_wait_us = hand_over.wall_s * 1e6;
  measured.round_trip_us = round_trip_seconds() * 1e6;
  return measured;
}

}  // namespace blasx::tools
