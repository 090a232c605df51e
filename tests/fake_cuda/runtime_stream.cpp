// SPDX-License-Identifier: Apache-2.0
// Entry points about streams, events and host functions.
#include "tests/fake_cuda/machine.hpp"

using namespace blasx::fake_cuda;  // NOLINT: the functions below are C

namespace {

cudaError_t create_stream(const char* name, cudaStream_t* stream, unsigned int flags) {
  return call(name, current_device(), [&](Machine& m, auto&) {
    if (flags > cudaStreamNonBlocking) return cudaErrorInvalidValue;
    *stream = m.add_stream(current_device(), flags != cudaStreamNonBlocking);
    return cudaSuccess;
  });
}

// `body`: cudaError_t(Machine&, Machine::Lock&, Event&).
template <typename F>
cudaError_t call_with(const char* name, cudaEvent_t handle, F&& body) {
  Machine& m = machine();
  Machine::Lock lock(m.mutex());
  Event* event = m.event(handle);
  cudaError_t error = m.admit(name, event != nullptr ? event->device : -1);
  if (error == cudaSuccess) {
    error = event != nullptr ? body(m, lock, *event) : cudaErrorInvalidResourceHandle;
  }
  return note_error(error);
}

}  // namespace

// NOLINTBEGIN(readability-identifier-naming): the names are CUDA's
extern "C" {

cudaError_t cudaStreamCreate(cudaStream_t* stream) {
  return create_stream("cudaStreamCreate", stream, cudaStreamDefault);
}
cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned int flags) {
  return create_stream("cudaStreamCreateWithFlags", stream, flags);
}

cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  return call("cudaStreamDestroy", -1, [&](Machine& m, auto&) {
    return m.remove_stream(stream) ? cudaSuccess : cudaErrorInvalidResourceHandle;
  });
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  return call_on("cudaStreamSynchronize", stream, [](Machine& m, auto& lock, const StreamPtr& s) {
    return s->last ? m.wait(lock, OperationPtr(s->last)) : cudaSuccess;
  });
}

cudaError_t cudaStreamQuery(cudaStream_t stream) {
  return call_on("cudaStreamQuery", stream, [](Machine& m, auto&, const StreamPtr& s) {
    return !s->last || m.poll(s->last) ? cudaSuccess : cudaErrorNotReady;
  });
}

cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned int /*flags*/) {
  return call_on("cudaStreamWaitEvent", stream, [&](Machine& m, auto&, const StreamPtr& s) {
    const Event* known = m.event(event);
    if (known == nullptr) return cudaErrorInvalidResourceHandle;
    if (!known->recorded) return cudaSuccess;
    Operation wait;
    wait.name = "cudaStreamWaitEvent";
    wait.stream = s;
    wait.after = {known->recorded};
    m.submit(std::move(wait));
    return cudaSuccess;
  });
}

cudaError_t cudaLaunchHostFunc(cudaStream_t stream, cudaHostFn_t function, void* data) {
  return call_on("cudaLaunchHostFunc", stream, [&](Machine& m, auto&, const StreamPtr& s) {
    Operation run;
    run.name = "cudaLaunchHostFunc";
    run.stream = s;
    run.host_function = true;
    run.body = [function, data] {
      function(data);
      return cudaSuccess;
    };
    m.submit(std::move(run));
    return cudaSuccess;
  });
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned int flags) {
  return call("cudaEventCreateWithFlags", current_device(), [&](Machine& m, auto&) {
    *event = m.add_event({nullptr, current_device(), (flags & cudaEventDisableTiming) == 0});
    return cudaSuccess;
  });
}

cudaError_t cudaEventDestroy(cudaEvent_t event) {
  return call("cudaEventDestroy", -1, [&](Machine& m, auto&) {
    return m.remove_event(event) ? cudaSuccess : cudaErrorInvalidResourceHandle;
  });
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  return call_on("cudaEventRecord", stream, [&](Machine& m, auto&, const StreamPtr& s) {
    Event* known = m.event(event);
    if (known == nullptr || known->device != s->device) return cudaErrorInvalidResourceHandle;
    Operation record;
    record.name = "cudaEventRecord";
    record.stream = s;
    known->recorded = m.submit(std::move(record));
    return cudaSuccess;
  });
}

cudaError_t cudaEventQuery(cudaEvent_t event) {
  return call_with("cudaEventQuery", event, [](Machine& m, auto&, Event& e) {
    if (!e.recorded) return cudaSuccess;
    if (!m.poll(e.recorded)) return cudaErrorNotReady;
    return m.state(e.device);
  });
}

cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  return call_with("cudaEventSynchronize", event, [](Machine& m, auto& lock, Event& e) {
    return e.recorded ? m.wait(lock, OperationPtr(e.recorded)) : cudaSuccess;
  });
}

cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t start, cudaEvent_t stop) {
  return call_with("cudaEventElapsedTime", stop, [&](Machine& m, auto&, Event& to) {
    const Event* from = m.event(start);
    if (from == nullptr || !from->recorded || !to.recorded || !from->timed || !to.timed) {
      return cudaErrorInvalidResourceHandle;
    }
    if (!m.poll(from->recorded) || !m.poll(to.recorded)) return cudaErrorNotReady;
    constexpr double kNsPerMs = 1e6;
    *milliseconds = static_cast<float>(
        static_cast<double>(to.recorded->done_ns - from->recorded->done_ns) / kNsPerMs);
    return cudaSuccess;
  });
}

}  // extern "C"
// NOLINTEND(readability-identifier-naming)
