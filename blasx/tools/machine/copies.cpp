// SPDX-License-Identifier: Apache-2.0
#include <sys/mman.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <numeric>

#include "blasx/device/copy.hpp"
#include "blasx/tools/machine/crew.hpp"
#include "blasx/tools/machine/measure.hpp"

namespace blasx::tools {
namespace {

// More tiles than any cache holds.
constexpr int64_t kEdge = 1024, kTiles = 8, kElement = 8;
constexpr auto kBlock = static_cast<size_t>((kEdge + 8) * kEdge * kElement);
constexpr size_t kHugePage = size_t{2} << 20;

struct Free {
  void operator()(void* memory) const { std::free(memory); }
};
using Memory = std::unique_ptr<std::byte, Free>;

// Touched, so that no page is new while the clock runs.
Memory memory(size_t bytes, bool large_pages) {
  bytes = (bytes + kHugePage - 1) / kHugePage * kHugePage;
  Memory m(static_cast<std::byte*>(std::aligned_alloc(kHugePage, bytes)));
  if (m == nullptr) throw std::bad_alloc();
  if (large_pages) madvise(m.get(), bytes, MADV_HUGEPAGE);
  std::memset(m.get(), 1, bytes);
  return m;
}

// The caller's matrix, a row of tiles, in pages as malloc gives them; and an arena as devices have it.
struct Place {
  Memory matrix = memory(static_cast<size_t>(kTiles * kEdge * kEdge * kElement), false);
  Memory arena = memory(kTiles * kBlock, true);

  device::Window tile(int64_t t) const {
    return {matrix.get() + t * kEdge * kElement, kTiles * kEdge};
  }
  device::Window block(int64_t b) const {
    return {arena.get() + static_cast<size_t>(b) * kBlock, kEdge + 8};
  }
};

device::Copy copy_of(const Place& place, Way way, int64_t t) {
  device::Copy copy;
  copy.from = way == Way::In ? place.tile(t) : place.block(0);
  copy.to =
      way == Way::Out ? place.tile(t) : place.block(way == Way::Peer ? 1 + t % (kTiles - 1) : t);
  copy.rows = copy.cols = kEdge;
  copy.element_bytes = kElement;
  return copy;
}

}  // namespace

double copy_rate(Way way, int32_t threads, int rounds) {
  std::vector<std::unique_ptr<Place>> places(static_cast<size_t>(threads));
  const std::vector<double> seconds = usual_round(
      threads, rounds,
      [&](int32_t i) { places[static_cast<size_t>(i)] = std::make_unique<Place>(); },
      [&](int32_t i) {
        for (int64_t t = 0; t < kTiles; ++t)
          device::copy_region(copy_of(*places[static_cast<size_t>(i)], way, t));
      });
  return static_cast<double>(kTiles * kEdge * kEdge * kElement) * threads /
         std::accumulate(seconds.begin(), seconds.end(), 0.0);
}

}  // namespace blasx::tools
