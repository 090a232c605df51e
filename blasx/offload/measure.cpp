// SPDX-License-Identifier: Apache-2.0
#include "blasx/offload/measure.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <limits>
#include <memory>
#include <new>

namespace blasx::offload {
namespace {

BlasCall measured_call(Routine r, Type t) {
  BlasCall call;
  call.routine = r;
  call.type = t;
  call.m = call.n = kMeasuredSide;
  const bool sided =
      r == Routine::Symm || r == Routine::Hemm || r == Routine::Trmm || r == Routine::Trsm;
  call.k = sided ? 0 : kMeasuredSide;
  call.lda = call.ldb = call.ldc = kMeasuredSide;
  return call;
}

// Small numbers with a diagonal of ones: products and solves of them neither grow nor vanish.
template <typename R>
void fill(std::byte* memory, int64_t parts) {
  R* x = reinterpret_cast<R*>(memory);
  const int64_t count = kMeasuredSide * kMeasuredSide;
  uint32_t state = 1;
  for (int64_t i = 0; i < count * parts; ++i) {
    state = state * 1664525u + 1013904223u;
    x[i] = static_cast<R>(state >> 8) / static_cast<R>(1 << 24) / static_cast<R>(kMeasuredSide);
  }
  for (int64_t i = 0; i < kMeasuredSide; ++i) x[i * (kMeasuredSide + 1) * parts] = 1;
}

void fill(Type t, std::byte* memory) {
  const int64_t parts = is_complex(t) ? 2 : 1;
  if (t == Type::S || t == Type::C)
    fill<float>(memory, parts);
  else
    fill<double>(memory, parts);
}

}  // namespace

double measuring_operations(Routine r, Type t) {
  return operation_count(measured_call(r, t)) * 2 * kMeasuredTimes;
}

std::optional<Rates> measure(Routine r, Type t, const Runner& host, const Runner& tiles,
                             const Clock& clock) {
  BlasCall call = measured_call(r, t);
  const auto bytes = static_cast<size_t>(kMeasuredSide * kMeasuredSide * element_bytes(t));
  const std::unique_ptr<std::byte[]> memory(new (std::nothrow) std::byte[4 * bytes]);
  if (memory == nullptr) return std::nullopt;
  std::byte* original = memory.get() + 3 * bytes;
  fill(t, memory.get());
  fill(t, memory.get() + bytes);
  fill(t, original);
  call.a = memory.get();
  call.b = memory.get() + bytes;
  call.c = memory.get() + 2 * bytes;
  constexpr double kNever = std::numeric_limits<double>::infinity();
  double best[2] = {kNever, kNever};
  const Runner* runners[2] = {&host, &tiles};
  for (int round = 0; round < kMeasuredTimes; ++round) {
    for (int which = 0; which < 2; ++which) {
      std::memcpy(call.c, original, bytes);
      const double start = clock();
      if (!(*runners[which])(call)) return std::nullopt;
      best[which] = std::min(best[which], clock() - start);
    }
  }
  if (!(best[0] > 0) || !(best[1] > 0)) return std::nullopt;
  const double operations = operation_count(call);
  return Rates{operations / best[0], operations / best[1]};
}

}  // namespace blasx::offload
