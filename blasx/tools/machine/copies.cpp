// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <cstddef>
#include <memory>

#include "blasx/device/completion.hpp"
#include "blasx/device/copy.hpp"
#include "blasx/device/worker.hpp"
#include "blasx/tools/machine/crew.hpp"
#include "blasx/tools/machine/measure.hpp"

namespace blasx::tools {
namespace {

// A tile out of a matrix that no cache holds, into a block.
constexpr int64_t kEdge = 1024, kTiles = 4, kElement = 8;

struct Place {
  std::unique_ptr<std::byte[]> matrix, block;
};

device::Copy copy_of(const Place& place, int64_t tile) {
  device::Copy copy;
  copy.from = {place.matrix.get() + tile * kEdge * kElement, kTiles * kEdge};
  copy.to = {place.block.get(), kEdge + 8};
  copy.rows = copy.cols = kEdge;
  copy.element_bytes = kElement;
  return copy;
}

template <typename Submit>
double timed(int times, Submit&& submit) {
  const auto start = std::chrono::steady_clock::now();
  submit(times);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() / times;
}

}  // namespace

double copy_rate(int32_t threads, int rounds) {
  constexpr auto kMatrix = static_cast<size_t>(kTiles * kEdge * kEdge * kElement);
  constexpr auto kBlock = static_cast<size_t>((kEdge + 8) * kEdge * kElement);
  std::vector<Place> places(static_cast<size_t>(threads));
  const double seconds = best_round(
      threads, rounds,
      [&](int32_t i) {
        // Zeroed, so that no page is touched for the first time while the clock runs.
        places[static_cast<size_t>(i)] = {std::make_unique<std::byte[]>(kMatrix),
                                          std::make_unique<std::byte[]>(kBlock)};
      },
      [&](int32_t i) {
        for (int64_t t = 0; t < kTiles; ++t) {
          device::copy_region(copy_of(places[static_cast<size_t>(i)], t));
        }
      });
  return static_cast<double>(kTiles * kEdge * kEdge * kElement) / seconds;
}

double hand_over_seconds() {
  device::CompletionQueue reports;
  device::Worker<int> worker("measure", [&](int&) { reports.push({}); });
  return timed(2000, [&](int times) {
    for (int i = 0; i < times; ++i) worker.post(i);
    std::vector<device::Completion> out;
    for (size_t seen = 0; seen < static_cast<size_t>(times); seen += out.size()) reports.wait(out);
  });
}

double round_trip_seconds() {
  device::CompletionQueue reports;
  device::Worker<int> worker("measure", [&](int&) { reports.push({}); });
  return timed(500, [&](int times) {
    std::vector<device::Completion> out;
    for (int i = 0; i < times; ++i) {
      worker.post(i);
      reports.wait(out);
    }
  });
}

}  // namespace blasx::tools
