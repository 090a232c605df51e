// SPDX-License-Identifier: Apache-2.0
// Entry points about devices and errors.
#include <algorithm>
#include <cstdio>
#include <cstring>

#include "tests/fake_cuda/machine.hpp"

namespace blasx::fake_cuda {
namespace {

// In the part of thread memory that is there from the start: for what is allocated later ThreadSanitizer (GCC 12) takes its size from
// the bytes before it, if that memory happens to begin 16 bytes into a page.
#define BLASX_STATIC_TLS __attribute__((tls_model("initial-exec")))
BLASX_STATIC_TLS thread_local int thread_device = 0;
BLASX_STATIC_TLS thread_local cudaError_t thread_error = cudaSuccess;
#undef BLASX_STATIC_TLS

bool exists(const Machine& m, int device) {
  return device >= 0 && device < m.configuration().devices;
}

}  // namespace

int current_device() { return thread_device; }

cudaError_t note_error(cudaError_t error) {
  if (error != cudaSuccess && error != cudaErrorNotReady) thread_error = error;
  return error;
}

}  // namespace blasx::fake_cuda

using namespace blasx::fake_cuda;  // NOLINT: the functions below are C

namespace {

struct ErrorText {
  cudaError_t error;
  const char* name;
  const char* text;
};
constexpr ErrorText kErrors[] = {
    {cudaSuccess, "cudaSuccess", "no error"},
    {cudaErrorInvalidValue, "cudaErrorInvalidValue", "invalid argument"},
    {cudaErrorMemoryAllocation, "cudaErrorMemoryAllocation", "out of memory"},
    {cudaErrorInsufficientDriver, "cudaErrorInsufficientDriver",
     "the driver is older than the runtime"},
    {cudaErrorInvalidResourceHandle, "cudaErrorInvalidResourceHandle", "invalid resource handle"},
    {cudaErrorIllegalAddress, "cudaErrorIllegalAddress", "an illegal memory access"},
    {cudaErrorLaunchFailure, "cudaErrorLaunchFailure", "unspecified launch failure"},
};

const ErrorText& text_of(cudaError_t error) {
  static constexpr ErrorText kOther{cudaErrorUnknown, "cudaErrorUnknown", "unknown error"};
  const auto* found = std::find_if(std::begin(kErrors), std::end(kErrors),
                                   [&](const ErrorText& e) { return e.error == error; });
  return found != std::end(kErrors) ? *found : kOther;
}

}  // namespace

// NOLINTBEGIN(readability-identifier-naming): the names are CUDA's
extern "C" {

cudaError_t cudaDriverGetVersion(int* version) {
  return call("cudaDriverGetVersion", -1, [&](Machine& m, auto&) {
    *version = m.configuration().driver_too_old ? 0 : FAKE_CUDA_MAJOR * 1000;
    return cudaSuccess;
  });
}

cudaError_t cudaRuntimeGetVersion(int* version) {
  return call("cudaRuntimeGetVersion", -1, [&](Machine&, auto&) {
    *version = FAKE_CUDA_MAJOR * 1000;
    return cudaSuccess;
  });
}

cudaError_t cudaGetDeviceCount(int* count) {
  return call("cudaGetDeviceCount", -1, [&](Machine& m, auto&) {
    if (m.configuration().driver_too_old) return cudaErrorInsufficientDriver;
    *count = m.configuration().devices;
    return *count > 0 ? cudaSuccess : cudaErrorNoDevice;
  });
}

cudaError_t cudaSetDevice(int device) {
  return call("cudaSetDevice", -1, [&](Machine& m, auto&) {
    if (m.configuration().driver_too_old) return cudaErrorInsufficientDriver;
    if (!exists(m, device)) return cudaErrorInvalidDevice;
    thread_device = device;
    return cudaSuccess;
  });
}

cudaError_t cudaGetDevice(int* device) {
  return call("cudaGetDevice", -1, [&](Machine&, auto&) {
    *device = thread_device;
    return cudaSuccess;
  });
}

// Writes the name and zeroes, no further than the shorter of the two toolkits' structures.
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device) {
  return call("cudaGetDeviceProperties", -1, [&](Machine& m, auto&) {
    if (!exists(m, device)) return cudaErrorInvalidDevice;
    constexpr size_t kShorter = 1008;
    std::memset(properties, 0, kShorter);
    std::snprintf(properties->name, sizeof properties->name, "stand-in for a GPU");
    return cudaSuccess;
  });
}

// The name that toolkit 12 gives it.
cudaError_t cudaGetDeviceProperties_v2(cudaDeviceProp* properties, int device) {
  return cudaGetDeviceProperties(properties, device);
}

cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int device) {
  return call("cudaDeviceGetAttribute", -1, [&](Machine& m, auto&) {
    if (!exists(m, device)) return cudaErrorInvalidDevice;
    const int compute = m.configuration().compute;
    switch (attribute) {
      case cudaDevAttrMaxPitch:
        *value = static_cast<int>(m.configuration().most_pitch);
        return cudaSuccess;
      case cudaDevAttrMultiProcessorCount:
        *value = 4;
        return cudaSuccess;
      case cudaDevAttrAsyncEngineCount:
        *value = 2;
        return cudaSuccess;
      case cudaDevAttrUnifiedAddressing:
      case cudaDevAttrHostRegisterSupported:
        *value = 1;
        return cudaSuccess;
      case cudaDevAttrComputeCapabilityMajor:
        *value = compute / 10;
        return cudaSuccess;
      case cudaDevAttrComputeCapabilityMinor:
        *value = compute % 10;
        return cudaSuccess;
      case cudaDevAttrPageableMemoryAccess:
        *value = 0;
        return cudaSuccess;
    }
    return cudaErrorInvalidValue;
  });
}

cudaError_t cudaDeviceGetP2PAttribute(int* value, cudaDeviceP2PAttr attribute, int from, int to) {
  return call("cudaDeviceGetP2PAttribute", -1, [&](Machine& m, auto&) {
    if (!exists(m, from) || !exists(m, to) || from == to) return cudaErrorInvalidDevice;
    const bool can = m.configuration().may_access(from, to);
    *value = attribute == cudaDevP2PAttrAccessSupported ? static_cast<int>(can) : 0;
    return cudaSuccess;
  });
}

cudaError_t cudaDeviceGetPCIBusId(char* text, int length, int device) {
  return call("cudaDeviceGetPCIBusId", -1, [&](Machine& m, auto&) {
    if (!exists(m, device)) return cudaErrorInvalidDevice;
    std::snprintf(text, static_cast<size_t>(length), "FFFF:%02X:00.0", device + 1);
    return cudaSuccess;
  });
}

cudaError_t cudaDeviceCanAccessPeer(int* can, int device, int peer) {
  return call("cudaDeviceCanAccessPeer", -1, [&](Machine& m, auto&) {
    if (!exists(m, device) || !exists(m, peer)) return cudaErrorInvalidDevice;
    *can = device != peer && m.configuration().may_access(device, peer) ? 1 : 0;
    return cudaSuccess;
  });
}

cudaError_t cudaDeviceEnablePeerAccess(int peer, unsigned int flags) {
  return call("cudaDeviceEnablePeerAccess", current_device(), [&](Machine& m, auto&) {
    if (!exists(m, peer) || flags != 0) return cudaErrorInvalidValue;
    if (peer == thread_device) return cudaErrorInvalidDevice;
    if (!m.configuration().may_access(thread_device, peer)) return cudaErrorPeerAccessUnsupported;
    if (m.peers_of(thread_device) >= m.configuration().most_peers) return cudaErrorTooManyPeers;
    return m.enable_peer(thread_device, peer) ? cudaSuccess : cudaErrorPeerAccessAlreadyEnabled;
  });
}

cudaError_t cudaDeviceSynchronize() {
  return call("cudaDeviceSynchronize", current_device(),
              [&](Machine& m, auto& lock) { return m.wait_for_device(lock, thread_device); });
}

cudaError_t cudaMemGetInfo(size_t* unused, size_t* total) {
  return call("cudaMemGetInfo", current_device(), [&](Machine& m, auto&) {
    *total = static_cast<size_t>(m.configuration().memory_bytes);
    *unused = *total - static_cast<size_t>(m.memory().in_use(thread_device));
    return cudaSuccess;
  });
}

// These can't fail and are not counted. An error of the device stays; others are forgotten once told.
cudaError_t cudaGetLastError() {
  Machine& m = machine();
  const Machine::Lock lock(m.mutex());
  const cudaError_t error = thread_error;
  thread_error = exists(m, thread_device) ? m.state(thread_device) : cudaSuccess;
  return error;
}
cudaError_t cudaPeekAtLastError() { return thread_error; }
const char* cudaGetErrorName(cudaError_t error) { return text_of(error).name; }
const char* cudaGetErrorString(cudaError_t error) { return text_of(error).text; }

}  // extern "C"
// NOLINTEND(readability-identifier-naming)
