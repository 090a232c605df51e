// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <numeric>

#include "blasx/device/copy.hpp"
#include "blasx/hostblas/host_threads.hpp"
#include "blasx/tools/machine/crew.hpp"
#include "blasx/tools/machine/measure.hpp"
#include "blasx/tools/machine/operands.hpp"

namespace blasx::tools {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int64_t kEdge = 1024, kTiles = 8, kElement = 8;
constexpr auto kBlock = static_cast<size_t>((kEdge + 8) * kEdge * kElement);
constexpr size_t kPage = 4096;
// Between rounds all cores compute for so long. A tile that a run copies was last touched some kernels or a call ago, too: caches have
// let go of it and of the tables that translate its pages, which under a hypervisor costs as much again.
constexpr std::chrono::milliseconds kRest{100};
constexpr int64_t kRestEdge = 512;

// In pages as malloc gives them.
Memory small_pages(size_t bytes) {
  Memory m(static_cast<std::byte*>(std::aligned_alloc(kPage, bytes)));
  if (m == nullptr) throw std::bad_alloc();
  return m;
}

// Touched, so that no page is new while the clock runs.
Memory touched(Memory memory, size_t bytes) {
  std::memset(memory.get(), 1, bytes);
  return memory;
}

// What one core works on: tiles for kernels and, if it copies, the caller's matrix, a row of tiles, and an arena as devices have it, with
// room for a peer's blocks.
struct Place {
  Operands operands{Type::D, kRestEdge};
  int32_t rounds_begun = 0;
  Memory matrix, arena;

  void open(Way way) {
    constexpr auto kMatrix = static_cast<size_t>(kTiles * kEdge * kEdge * kElement);
    if (way != Way::Peer) matrix = touched(small_pages(kMatrix), kMatrix);
    const size_t blocks = kBlock * kTiles * (way == Way::Peer ? 2 : 1);
    arena = touched(large_memory(blocks), blocks);
  }

  device::Window tile(int64_t t) const {
    return {matrix.get() + t * kEdge * kElement, kTiles * kEdge};
  }
  device::Window block(int64_t b) const {
    return {arena.get() + static_cast<size_t>(b) * kBlock, kEdge + 8};
  }
  template <typename More>
  void compute_while(More&& more) {
    while (more()) operands.run(step_of(kKernelFamilies[0], kRestEdge));
  }
};

device::Copy copy_of(const Place& place, Way way, int64_t t) {
  device::Copy copy;
  copy.from = way == Way::In ? place.tile(t) : place.block(t);
  copy.to = way == Way::Out ? place.tile(t) : place.block(way == Way::Peer ? kTiles + t : t);
  copy.rows = copy.cols = kEdge;
  copy.element_bytes = kElement;
  return copy;
}

}  // namespace

double copy_rate(Way way, int32_t copying, int32_t threads, int rounds) {
  const hostblas::ScopedSingleThread single;
  std::vector<std::unique_ptr<Place>> places(static_cast<size_t>(threads));
  std::atomic<int32_t> copied{0};
  const std::vector<double> seconds = usual_round(
      threads, rounds,
      [&](int32_t i) {
        auto& mine = places[static_cast<size_t>(i)];
        mine = std::make_unique<Place>();
        if (i < copying) mine->open(way);
      },
      [&](int32_t i) {
        Place& place = *places[static_cast<size_t>(i)];
        ++place.rounds_begun;
        const auto until = Clock::now() + kRest;
        place.compute_while([&] { return Clock::now() < until; });
      },
      [&](int32_t i) {
        Place& place = *places[static_cast<size_t>(i)];
        if (i >= copying) {
          const int32_t all = copying * place.rounds_begun;
          return place.compute_while([&] { return copied.load() < all; });
        }
        for (int64_t t = 0; t < kTiles; ++t) device::copy_region(copy_of(place, way, t));
        copied.fetch_add(1);
      });
  return static_cast<double>(kTiles * kEdge * kEdge * kElement) * copying /
         std::accumulate(seconds.begin(), seconds.begin() + copying, 0.0);
}

}  // namespace blasx::tools
