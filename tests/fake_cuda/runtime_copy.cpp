// SPDX-License-Identifier: Apache-2.0
// Entry points that move and fill memory.
#include <cstring>

#include "tests/fake_cuda/machine.hpp"

using namespace blasx::fake_cuda;  // NOLINT: the functions below are C

namespace {

struct Move {
  Range to, from;
  bool stepping = false;  // by pitches, which have a limit
};

Range range(const void* base, size_t pitch, size_t width, size_t rows) {
  return {reinterpret_cast<uintptr_t>(base), pitch, width, rows};
}

const Memory::Block* block_of(Machine& m, const Range& r) {
  return m.memory().find(reinterpret_cast<const void*>(r.base));
}

bool on_device(const Memory::Block* block) {
  return block != nullptr && (block->kind == Kind::Device || block->kind == Kind::Managed);
}
bool on_host(const Memory::Block* block) { return block == nullptr || block->kind != Kind::Device; }

bool direction_is(cudaMemcpyKind kind, const Memory::Block* from, const Memory::Block* to) {
  switch (kind) {
    case cudaMemcpyHostToHost:
      return on_host(from) && on_host(to);
    case cudaMemcpyHostToDevice:
      return on_host(from) && on_device(to);
    case cudaMemcpyDeviceToHost:
      return on_device(from) && on_host(to);
    case cudaMemcpyDeviceToDevice:
      return on_device(from) && on_device(to);
    case cudaMemcpyDefault:
      return true;
  }
  return false;
}

void submit_move(Machine& m, const char* name, const StreamPtr& stream, const Move& move) {
  Operation copy;
  copy.name = name;
  copy.stream = stream;
  copy.accesses = {{move.from, false}, {move.to, true}};
  std::byte* to = m.memory().inside(move.to.base);
  const std::byte* from = m.memory().inside(move.from.base);
  copy.body = [=] {
    for (size_t i = 0; i < move.to.rows; ++i) {
      std::memcpy(to + i * move.to.pitch, from + i * move.from.pitch, move.to.width);
    }
    return cudaSuccess;
  };
  m.submit(std::move(copy));
}

cudaError_t check_ranges(Machine& m, const Move& move) {
  for (const Range* r : {&move.to, &move.from}) {
    if (r->rows > 1 && r->width > r->pitch) return cudaErrorInvalidValue;
    if (move.stepping && r->pitch > static_cast<size_t>(m.configuration().most_pitch))
      return cudaErrorInvalidValue;
    if (!m.memory().in_one_piece(*r)) return cudaErrorInvalidValue;
  }
  return cudaSuccess;
}

cudaError_t copy(const char* name, const Move& move, cudaMemcpyKind kind, cudaStream_t handle,
                 bool blocking) {
  return call_on(name, handle, [&](Machine& m, auto& lock, const StreamPtr& stream) {
    if (move.to.width == 0 || move.to.rows == 0) return cudaSuccess;
    if (const cudaError_t error = check_ranges(m, move); error != cudaSuccess) return error;
    const auto *to = block_of(m, move.to), *from = block_of(m, move.from);
    if (!direction_is(kind, from, to)) return cudaErrorInvalidMemcpyDirection;
    // Stricter than CUDA, which goes by way of the host: whoever wants that asks for a copy between peers.
    if (to != nullptr && from != nullptr && to->kind == Kind::Device &&
        from->kind == Kind::Device && !m.can_reach(to->device, from->device)) {
      return cudaErrorInvalidValue;
    }
    submit_move(m, name, stream, move);
    // From and to pageable memory CUDA may copy at once or later; in late order always later.
    const bool pageable = to == nullptr || from == nullptr;
    const bool at_once = pageable && m.configuration().order != Order::Late && m.coin();
    if (blocking || at_once) return m.wait(lock, OperationPtr(stream->last));
    return cudaSuccess;
  });
}

cudaError_t fill(const char* name, const Range& to, int value, cudaStream_t handle) {
  return call_on(name, handle, [&](Machine& m, auto&, const StreamPtr& stream) {
    if (to.width == 0 || to.rows == 0) return cudaSuccess;
    if (!on_device(block_of(m, to)) || !m.memory().in_one_piece(to)) return cudaErrorInvalidValue;
    Operation set;
    set.name = name;
    set.stream = stream;
    set.accesses = {{to, true}};
    std::byte* inside = m.memory().inside(to.base);
    set.body = [=] {
      for (size_t i = 0; i < to.rows; ++i) std::memset(inside + i * to.pitch, value, to.width);
      return cudaSuccess;
    };
    m.submit(std::move(set));
    return cudaSuccess;
  });
}

// A copy between devices that names them: allowed without access too.
cudaError_t copy_between(const char* name, const Move& move, int to_device, int from_device,
                         cudaStream_t handle) {
  return call_on(name, handle, [&](Machine& m, auto&, const StreamPtr& stream) {
    if (const cudaError_t error = check_ranges(m, move); error != cudaSuccess) return error;
    const auto *to = block_of(m, move.to), *from = block_of(m, move.from);
    if (!on_device(to) || !on_device(from) || to->device != to_device ||
        from->device != from_device) {
      return cudaErrorInvalidValue;
    }
    submit_move(m, name, stream, move);
    return cudaSuccess;
  });
}

Range range_of(const cudaPitchedPtr& p, const cudaPos& at, const cudaExtent& extent) {
  return range(static_cast<const std::byte*>(p.ptr) + at.x + at.y * p.pitch, p.pitch, extent.width,
               extent.height);
}

}  // namespace

// NOLINTBEGIN(readability-identifier-naming): the names are CUDA's
extern "C" {

cudaError_t cudaMemcpy(void* to, const void* from, size_t bytes, cudaMemcpyKind kind) {
  return copy("cudaMemcpy", {range(to, bytes, bytes, 1), range(from, bytes, bytes, 1)}, kind,
              nullptr, true);
}
cudaError_t cudaMemcpyAsync(void* to, const void* from, size_t bytes, cudaMemcpyKind kind,
                            cudaStream_t stream) {
  return copy("cudaMemcpyAsync", {range(to, bytes, bytes, 1), range(from, bytes, bytes, 1)}, kind,
              stream, false);
}
cudaError_t cudaMemcpy2D(void* to, size_t to_pitch, const void* from, size_t from_pitch,
                         size_t width, size_t height, cudaMemcpyKind kind) {
  return copy("cudaMemcpy2D",
              {range(to, to_pitch, width, height), range(from, from_pitch, width, height), true},
              kind, nullptr, true);
}
cudaError_t cudaMemcpy2DAsync(void* to, size_t to_pitch, const void* from, size_t from_pitch,
                              size_t width, size_t height, cudaMemcpyKind kind,
                              cudaStream_t stream) {
  return copy("cudaMemcpy2DAsync",
              {range(to, to_pitch, width, height), range(from, from_pitch, width, height), true},
              kind, stream, false);
}
cudaError_t cudaMemcpyPeerAsync(void* to, int to_device, const void* from, int from_device,
                                size_t bytes, cudaStream_t stream) {
  return copy_between("cudaMemcpyPeerAsync",
                      {range(to, bytes, bytes, 1), range(from, bytes, bytes, 1)}, to_device,
                      from_device, stream);
}
cudaError_t cudaMemcpy3DPeerAsync(const cudaMemcpy3DPeerParms* p, cudaStream_t stream) {
  if (p->srcArray != nullptr || p->dstArray != nullptr || p->extent.depth != 1) {
    return note_error(cudaErrorNotSupported);
  }
  // The driver checks the heights, of one slice too.
  const auto too_low = [&](const cudaPitchedPtr& at, const cudaPos& position) {
    return at.ysize != 0 && at.ysize < position.y + p->extent.height;
  };
  if (too_low(p->srcPtr, p->srcPos) || too_low(p->dstPtr, p->dstPos)) {
    return note_error(cudaErrorInvalidValue);
  }
  return copy_between(
      "cudaMemcpy3DPeerAsync",
      {range_of(p->dstPtr, p->dstPos, p->extent), range_of(p->srcPtr, p->srcPos, p->extent), true},
      p->dstDevice, p->srcDevice, stream);
}

cudaError_t cudaMemset(void* memory, int value, size_t bytes) {
  return fill("cudaMemset", range(memory, bytes, bytes, 1), value, nullptr);
}
cudaError_t cudaMemsetAsync(void* memory, int value, size_t bytes, cudaStream_t stream) {
  return fill("cudaMemsetAsync", range(memory, bytes, bytes, 1), value, stream);
}
cudaError_t cudaMemset2DAsync(void* memory, size_t pitch, int value, size_t width, size_t height,
                              cudaStream_t stream) {
  return fill("cudaMemset2DAsync", range(memory, pitch, width, height), value, stream);
}

}  // extern "C"
// NOLINTEND(readability-identifier-naming)
