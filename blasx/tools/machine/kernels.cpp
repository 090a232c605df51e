// SPDX-License-Identifier: Apache-2.0
#include <sys/mman.h>

#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>

#include "blasx/hostblas/host_threads.hpp"
#include "blasx/hostblas/kernels.hpp"
#include "blasx/tools/machine/crew.hpp"
#include "blasx/tools/machine/measure.hpp"

namespace blasx::tools {
namespace {

// A round lasts about so long: short ones are all noise.
constexpr double kRoundOperations = 2e8;

tile::Step step_of(const KernelFamily& family, int64_t edge) {
  tile::Step step;
  step.kernel = family.kernel;
  step.uplo = Uplo::Lower;
  step.trans_b = family.trans_b;
  step.m = step.n = step.k = edge;
  return step;
}

double operations_of(const KernelFamily& family, Type type, int64_t edge) {
  BlasCall call;
  call.routine = family.routine;
  call.type = type;
  call.m = call.n = call.k = edge;
  return operation_count(call);
}

// Small numbers and ones on the diagonal: what is multiplied or solved again and again neither grows nor vanishes.
template <typename R>
void fill(std::byte* memory, int64_t edge, int64_t ld, int64_t parts) {
  R* x = reinterpret_cast<R*>(memory);
  uint32_t state = 1;
  for (int64_t i = 0; i < ld * edge * parts; ++i) {
    state = state * 1664525U + 1013904223U;
    x[i] = (static_cast<R>(state >> 8) / static_cast<R>(1 << 24) - static_cast<R>(0.5)) /
           static_cast<R>(edge);
  }
  for (int64_t i = 0; i < edge; ++i) x[i * (ld + 1) * parts] = 1;
}

struct Free {
  void operator()(void* memory) const { std::free(memory); }
};

// Sets of three tiles as in a device's arena: large pages, and a kernel finds its tiles where a copy left them, not in the
// cache of its core.
class Operands {
 public:
  Operands(Type type, int64_t edge)
      : type_(type),
        ld_(edge + 8),
        tile_bytes_(static_cast<size_t>(ld_ * edge * element_bytes(type))),
        count_((kColdBytes + kTiles * tile_bytes_ - 1) / (kTiles * tile_bytes_)) {
    const size_t all = count_ * kTiles * tile_bytes_;
    const size_t rounded = (all + kHugePage - 1) / kHugePage * kHugePage;
    memory_.reset(static_cast<std::byte*>(std::aligned_alloc(kHugePage, rounded)));
    if (memory_ == nullptr) throw std::bad_alloc();
    madvise(memory_.get(), rounded, MADV_HUGEPAGE);
    const int64_t parts = is_complex(type) ? 2 : 1;
    if (type == Type::S || type == Type::C) fill<float>(memory_.get(), edge, ld_, parts);
    if (type == Type::D || type == Type::Z) fill<double>(memory_.get(), edge, ld_, parts);
    for (size_t tile = 1; tile < count_ * kTiles; ++tile)
      std::memcpy(memory_.get() + tile * tile_bytes_, memory_.get(), tile_bytes_);
  }
  // On the set that has rested longest.
  void run(const tile::Step& step) {
    std::byte* a = memory_.get() + next_ * kTiles * tile_bytes_;
    next_ = (next_ + 1) % count_;
    std::byte* b = a + tile_bytes_;
    hostblas::run_step(type_, step, a, ld_, b, ld_, b + tile_bytes_, ld_);
  }

 private:
  static constexpr size_t kTiles = 3;
  static constexpr size_t kColdBytes = size_t{48} << 20;  // more than a core has of any cache
  static constexpr size_t kHugePage = size_t{2} << 20;

  Type type_;
  int64_t ld_;
  size_t tile_bytes_, count_, next_ = 0;
  std::unique_ptr<std::byte, Free> memory_;
};

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
    measured.copy_bytes_per_s[static_cast<size_t>(way)] = copy_rate(way, 1, what.rounds);
  measured.all_copies_bytes_per_s = what.threads * copy_rate(Way::In, what.threads, what.rounds);
  measured.operation_us = operation_seconds(what.threads) * 1e6;
  measured.round_trip_us = round_trip_seconds() * 1e6;
  return measured;
}

}  // namespace blasx::tools
