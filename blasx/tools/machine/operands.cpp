// SPDX-License-Identifier: Apache-2.0
#include "blasx/tools/machine/operands.hpp"

#include <sys/mman.h>

#include <cstring>
#include <new>

#include "blasx/hostblas/kernels.hpp"

namespace blasx::tools {
namespace {

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

}  // namespace

Memory large_memory(size_t bytes) {
  constexpr size_t kHugePage = size_t{2} << 20;
  bytes = (bytes + kHugePage - 1) / kHugePage * kHugePage;
  Memory memory(static_cast<std::byte*>(std::aligned_alloc(kHugePage, bytes)));
  if (memory == nullptr) throw std::bad_alloc();
  madvise(memory.get(), bytes, MADV_HUGEPAGE);
  return memory;
}

tile::Step step_of(const KernelFamily& family, int64_t edge) {
  tile::Step step;
  step.kernel = family.kernel;
  step.uplo = Uplo::Lower;
  step.trans_b = family.trans_b;
  step.m = step.n = step.k = edge;
  return step;
}

Operands::Operands(Type type, int64_t edge)
    : type_(type),
      ld_(edge + 8),
      tile_bytes_(static_cast<size_t>(ld_ * edge * element_bytes(type))),
      count_((kColdBytes + kTiles * tile_bytes_ - 1) / (kTiles * tile_bytes_)),
      memory_(large_memory(count_ * kTiles * tile_bytes_)) {
  const int64_t parts = is_complex(type) ? 2 : 1;
  if (type == Type::S || type == Type::C) fill<float>(memory_.get(), edge, ld_, parts);
  if (type == Type::D || type == Type::Z) fill<double>(memory_.get(), edge, ld_, parts);
  for (size_t tile = 1; tile < count_ * kTiles; ++tile)
    std::memcpy(memory_.get() + tile * tile_bytes_, memory_.get(), tile_bytes_);
}

void Operands::run(const tile::Step& step) {
  std::byte* a = memory_.get() + next_ * kTiles * tile_bytes_;
  next_ = (next_ + 1) % count_;
  std::byte* b = a + tile_bytes_;
  hostblas::run_step(type_, step, a, ld_, b, ld_, b + tile_bytes_, ld_);
}

}  // namespace blasx::tools
