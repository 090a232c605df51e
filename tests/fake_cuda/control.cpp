// SPDX-License-Identifier: Apache-2.0
// What tests and the stand-in's cuBLAS ask of the machine.
#include "tests/fake_cuda/bridge.hpp"
#include "tests/fake_cuda/fake_cuda.h"
#include "tests/fake_cuda/machine.hpp"

using namespace blasx::fake_cuda;  // NOLINT: the functions below are C

namespace {

template <typename F>
auto locked(F&& ask) {
  Machine& m = machine();
  const Machine::Lock lock(m.mutex());
  return ask(m);
}

bool reachable(Machine& m, const Kernel& kernel, const Access& operand) {
  const auto* block = m.memory().find(reinterpret_cast<const void*>(operand.range.base));
  if (block == nullptr || !m.memory().in_one_piece(operand.range)) return false;
  return block->kind != Kind::Device || m.can_reach(kernel.device, block->device);
}

}  // namespace

extern "C" {

void fake_cuda_reset(const char* configuration) { reset_machine(configuration); }

int64_t fake_cuda_calls(const char* function) {
  return locked([&](Machine& m) { return m.calls(function != nullptr ? function : ""); });
}
int fake_cuda_failed(void) {
  return locked([](Machine& m) { return m.failed() ? 1 : 0; });
}
int64_t fake_cuda_races(void) {
  return locked([](Machine& m) { return m.race_count(); });
}
const char* fake_cuda_last_race(void) {
  return locked([](Machine& m) { return m.last_race().c_str(); });
}
int64_t fake_cuda_pending(void) {
  return locked([](Machine& m) { return m.pending(); });
}
int64_t fake_cuda_memory_in_use(void) {
  return locked([](Machine& m) {
    int64_t bytes = 0;
    for (int d = 0; d < m.configuration().devices; ++d) bytes += m.memory().in_use(d);
    return bytes;
  });
}

cudaError_t fake_cuda_launch(const Kernel& kernel) {
  return call_on(kernel.function, kernel.stream, [&](Machine& m, auto&, const StreamPtr& stream) {
    if (current_device() != kernel.device || stream->device != kernel.device) {
      return cudaErrorInvalidResourceHandle;
    }
    Operation run;
    run.name = kernel.function;
    run.stream = stream;
    run.accesses = kernel.operands;
    run.accesses.push_back(kernel.workspace);
    std::vector<std::byte*> inside;
    bool all_reachable = true;
    for (const Access& operand : kernel.operands) {
      inside.push_back(m.memory().inside(operand.range.base));
      if (operand.range.rows == 0 || operand.range.width == 0) continue;
      all_reachable = all_reachable && reachable(m, kernel, operand);
    }
    run.body = [all_reachable, inside = std::move(inside), body = kernel.body] {
      if (!all_reachable) return cudaErrorIllegalAddress;
      body(inside);
      return cudaSuccess;
    };
    m.submit(std::move(run));
    return cudaSuccess;
  });
}

cudaError_t fake_cuda_admit(const char* function, int device) {
  return call(function, device >= 0 ? device : current_device(),
              [](Machine&, auto&) { return cudaSuccess; });
}

int fake_cuda_current_device() { return current_device(); }

int fake_cuda_device_of(cudaStream_t stream, int device) {
  return locked([&](Machine& m) {
    const StreamPtr known = m.stream(stream, device);
    return known ? known->device : -1;
  });
}

int fake_cuda_cublas_version() {
  return locked([](Machine& m) { return m.configuration().cublas_version; });
}

}  // extern "C"
