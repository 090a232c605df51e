// SPDX-License-Identifier: Apache-2.0
#include "blasx/device/cuda/measure.hpp"

#include <algorithm>
#include <cstring>
#include <latch>
#include <memory>
#include <new>

#include "blasx/device/clock.hpp"
#include "blasx/device/cuda/kernels.hpp"

namespace blasx::device::cuda {
namespace {

constexpr int64_t kBytes = int64_t{32} << 20;
constexpr int64_t kLeastBytes = int64_t{1} << 20;  // below it a copy's start is most of it
constexpr HomeRates kAssumed{10e9, 20e9};
constexpr int kTimes = 3;
constexpr int64_t kFirstEdge = 128, kLastEdge = 4096;
constexpr int64_t kLongEnough_ns = 2'000'000;

double rate(int64_t bytes, int64_t ns) {
  return static_cast<double>(bytes) * 1e9 / static_cast<double>(std::max<int64_t>(ns, 1));
}

// Until the lane has done what `submit` gives it.
template <typename F>
Result<int64_t> time_of(Lane& lane, F&& submit) {
  const int64_t start = now_ns();
  Status status = submit();
  int64_t end = start;
  if (status.ok()) status = lane.mark([&](int64_t, int64_t end_ns) { end = end_ns; });
  for (int answered = 0; status.ok() && answered == 0;) status = lane.poll(answered);
  if (!status.ok()) {
    lane.abandon();  // while what it answers is there
    return failure(std::move(status));
  }
  return end - start;
}

// Of one copy to the device; the first times also pay for waking the link.
Result<int64_t> copy_ns(Lane& lane, std::byte* arena, const std::byte* pinned, int64_t bytes) {
  const auto size = static_cast<size_t>(bytes);
  return time_of(lane, [&] {
    return status_of(cudaMemcpy2DAsync(arena, size, pinned, size, size, 1, cudaMemcpyHostToDevice,
                                       lane.stream()),
                     "the first copy");
  });
}

// Of all threads filling the buffer together.
int64_t fill_ns(Copiers& copiers, std::byte* pinned, const std::byte* pages, int64_t bytes) {
  const int64_t threads = copiers.threads();
  const int64_t share = bytes / threads;
  std::latch done(threads);
  const int64_t start = now_ns();
  for (int64_t i = 0; i < threads; ++i) {
    copiers.post(Copiers::When::Soon, [&, i] {
      std::memcpy(pinned + i * share, pages + i * share, static_cast<size_t>(share));
      done.count_down();
    });
  }
  done.wait();
  return now_ns() - start;
}

}  // namespace

Result<HomeRates> measure_home(Lane& lane, Copiers& copiers, std::byte* arena,
                               int64_t arena_bytes) {
  const int64_t bytes = std::min(kBytes, arena_bytes);
  if (bytes < kLeastBytes) return kAssumed;
  const Result<PinnedMemory> pinned = pinned_memory(bytes);
  const std::unique_ptr<std::byte[]> pages(new (std::nothrow)
                                               std::byte[static_cast<size_t>(bytes)]());
  if (!pinned || pages == nullptr) return kAssumed;
  int64_t fill = INT64_MAX, link = INT64_MAX;
  for (int i = 0; i < kTimes; ++i) {
    fill = std::min(fill, fill_ns(copiers, pinned->get(), pages.get(), bytes));
    const Result<int64_t> copied = copy_ns(lane, arena, pinned->get(), bytes);
    if (!copied) return failure(copied.error());
    link = std::min(link, *copied);
  }
  // Filling and copying overlap: the slower of the two decides.
  return HomeRates{std::min(rate(bytes, fill), rate(bytes, link)), rate(bytes, link)};
}

Result<double> measure_kernel(Lane& lane, cublasHandle_t handle, Type type, std::byte* arena,
                              int64_t arena_bytes) {
  const int64_t element = element_bytes(type);
  const double each = is_complex(type) ? 8 : 2;
  double best = 0;
  for (int64_t edge = kFirstEdge; edge <= kLastEdge && 3 * edge * edge * element <= arena_bytes;
       edge *= 2) {
    tile::Step step;
    step.m = step.n = step.k = edge;
    step.beta = 0;
    const int64_t bytes = edge * edge * element;
    int64_t least = INT64_MAX;
    // Not the first: CUDA loads a kernel when it is first used, which takes far longer than the kernel.
    for (int i = 0; i <= kTimes; ++i) {
      const Result<int64_t> took = time_of(lane, [&] {
        return run_step(handle, type, step, {arena, edge}, {arena + bytes, edge},
                        {arena + 2 * bytes, edge}, nullptr);
      });
      if (!took) return failure(took.error());
      if (i == 0) continue;
      least = std::min(least, *took);
      if (least > kLongEnough_ns) break;  // long ones are steady
    }
    const auto size = static_cast<double>(edge);
    best = std::max(
        best, each * size * size * size * 1e9 / static_cast<double>(std::max<int64_t>(least, 1)));
    if (least > kLongEnough_ns) break;
  }
  return best;
}

}  // namespace blasx::device::cuda
