// SPDX-License-Identifier: Apache-2.0
// Registrations end with their call. Kept longer they would have to end when the pages do, and nothing tells a library when a program
// gives pages back (munmap, madvise): the GPU would go on reading the old ones.
#include "blasx/device/cuda/home_memory.hpp"

#include <algorithm>
#include <cmath>

#include "blasx/device/cuda/status.hpp"

namespace blasx::device::cuda {
namespace {

// The memory at one address; older drivers answer an error for pages that they do not know.
Spot spot_at(const std::byte* p) {
  cudaPointerAttributes attributes{};
  if (cudaPointerGetAttributes(&attributes, p) != cudaSuccess) {
    (void)cudaGetLastError();
    return {};
  }
  if (attributes.type == cudaMemoryTypeUnregistered) return {};
  if (attributes.type == cudaMemoryTypeDevice) return {Place::Device, attributes.device};
  return {Place::Pinned, -1};
}

// A matrix that begins in pinned memory and ends elsewhere is staged.
Spot spot_of(const std::byte* first, int64_t bytes) {
  const Spot begin = spot_at(first);
  return begin.place == spot_at(first + bytes - 1).place ? begin : Spot{};
}

}  // namespace

bool worth_registering(int64_t bytes, double passes, const HomeRates& rates) {
  if (bytes < kLeastRegistered || rates.staged <= 0 || rates.link <= rates.staged) return false;
  return passes * (1 / rates.staged - 1 / rates.link) > kRegister_s;
}

double least_passes(const BlasCall& call, int64_t memory_bytes) {
  double words = 0;
  for (const Matrix& m : matrices_of(call))
    if (m.data != nullptr) words += static_cast<double>(m.rows) * static_cast<double>(m.cols);
  const double memory_words =
      static_cast<double>(memory_bytes) / static_cast<double>(element_bytes(call.type));
  if (words <= memory_words || memory_words <= 0) return 1;
  // An inner product of length k for each multiply-add pair; complex ones count four times as many operations.
  const double products = operation_count(call) / (is_complex(call.type) ? 8 : 2);
  return std::max(1.0, 2 * products / std::sqrt(memory_words) / words);
}

bool HomeMemory::any_on_device(const BlasCall& call) {
  const auto matrices = matrices_of(call);
  return std::any_of(matrices.begin(), matrices.end(), [](const Matrix& m) {
    return m.data != nullptr && spot_at(m.data).place == Place::Device;
  });
}

void HomeMemory::open(const BlasCall& call, int64_t memory_bytes, const HomeRates& rates) {
  close();
  const double passes = least_passes(call, memory_bytes);
  for (const Matrix& m : matrices_of(call)) {
    if (m.data == nullptr) continue;
    Range range{m.data, m.extent_bytes(element_bytes(call.type)), {}, false};
    if (range.bytes <= 0) continue;
    const auto same = [&](const Range& r) {
      return r.first == range.first && r.bytes == range.bytes;
    };
    if (std::any_of(ranges_.begin(), ranges_.end(), same)) continue;
    range.spot = spot_of(range.first, range.bytes);
    if (range.spot.place == Place::Pageable && worth_registering(range.bytes, passes, rates)) {
      const auto size = static_cast<size_t>(range.bytes);
      // Refused where pages are read-only, registered in part, or too many: then they are staged.
      range.ours = cudaHostRegister(range.first, size, cudaHostRegisterPortable) == cudaSuccess;
      if (!range.ours) (void)cudaGetLastError();
      // Or another device has just done it, whose registration lasts as long as the call.
      range.spot = spot_of(range.first, range.bytes);
    }
    ranges_.push_back(range);
  }
}

void HomeMemory::close() {
  for (const Range& range : ranges_)
    if (range.ours) (void)cudaHostUnregister(range.first);
  ranges_.clear();
}

Spot HomeMemory::spot(const std::byte* p) const {
  // A matrix inside another's pages: what both say of it must agree, or it is staged.
  Spot spot;
  bool found = false;
  for (const Range& range : ranges_) {
    if (p < range.first || p >= range.first + range.bytes) continue;
    if (found && range.spot.place != spot.place) return {};
    spot = range.spot;
    found = true;
  }
  return spot;
}

}  // namespace blasx::device::cuda
