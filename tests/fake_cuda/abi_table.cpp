// SPDX-License-Identifier: Apache-2.0
// Names and values of the CUDA interface as the headers in reach declare them; compiled once with ours, once with a toolkit's.
#include <cublas_v2.h>
#include <cuda_runtime_api.h>

#include "tests/fake_cuda/abi_table.hpp"

namespace blasx::fake_cuda {
namespace {

// The compiler's own word for a type.
template <typename T>
std::string type_text() {
  return __PRETTY_FUNCTION__;
}

}  // namespace

AbiTable FAKE_CUDA_ABI_TABLE() {
  AbiTable table;
#define VALUE(name) table[#name] = std::to_string(static_cast<long>(name));
#define STRUCTURE(type, field) \
  table[#type "." #field] =    \
      std::to_string(offsetof(type, field)) + " of " + std::to_string(sizeof(type));
#define FUNCTION(result, name, parameters) table[#name] = type_text<decltype(name)>();

  VALUE(cudaSuccess)
  VALUE(cudaErrorInvalidValue)
  VALUE(cudaErrorMemoryAllocation)
  VALUE(cudaErrorInitializationError)
  VALUE(cudaErrorCudartUnloading)
  VALUE(cudaErrorInvalidDevicePointer)
  VALUE(cudaErrorInvalidMemcpyDirection)
  VALUE(cudaErrorInsufficientDriver)
  VALUE(cudaErrorDevicesUnavailable)
  VALUE(cudaErrorNoDevice)
  VALUE(cudaErrorInvalidDevice)
  VALUE(cudaErrorECCUncorrectable)
  VALUE(cudaErrorPeerAccessUnsupported)
  VALUE(cudaErrorInvalidResourceHandle)
  VALUE(cudaErrorNotReady)
  VALUE(cudaErrorIllegalAddress)
  VALUE(cudaErrorPeerAccessAlreadyEnabled)
  VALUE(cudaErrorPeerAccessNotEnabled)
  VALUE(cudaErrorTooManyPeers)
  VALUE(cudaErrorHostMemoryAlreadyRegistered)
  VALUE(cudaErrorHostMemoryNotRegistered)
  VALUE(cudaErrorLaunchFailure)
  VALUE(cudaErrorNotSupported)
  VALUE(cudaErrorUnknown)
  VALUE(cudaMemcpyHostToHost)
  VALUE(cudaMemcpyHostToDevice)
  VALUE(cudaMemcpyDeviceToHost)
  VALUE(cudaMemcpyDeviceToDevice)
  VALUE(cudaMemcpyDefault)
  VALUE(cudaMemoryTypeUnregistered)
  VALUE(cudaMemoryTypeHost)
  VALUE(cudaMemoryTypeDevice)
  VALUE(cudaMemoryTypeManaged)
  VALUE(cudaDevAttrMultiProcessorCount)
  VALUE(cudaDevAttrAsyncEngineCount)
  VALUE(cudaDevAttrUnifiedAddressing)
  VALUE(cudaDevAttrComputeCapabilityMajor)
  VALUE(cudaDevAttrComputeCapabilityMinor)
  VALUE(cudaDevAttrPageableMemoryAccess)
  VALUE(cudaDevAttrHostRegisterSupported)
  VALUE(cudaDevP2PAttrPerformanceRank)
  VALUE(cudaDevP2PAttrAccessSupported)
  VALUE(cudaHostAllocDefault)
  VALUE(cudaHostAllocPortable)
  VALUE(cudaHostRegisterDefault)
  VALUE(cudaHostRegisterPortable)
  VALUE(cudaHostRegisterReadOnly)
  VALUE(cudaStreamDefault)
  VALUE(cudaStreamNonBlocking)
  VALUE(cudaEventDefault)
  VALUE(cudaEventBlockingSync)
  VALUE(cudaEventDisableTiming)
  VALUE(cudaIpcMemLazyEnablePeerAccess)
  VALUE(cudaMemAttachGlobal)
  table["cudaStreamLegacy"] = std::to_string(reinterpret_cast<uintptr_t>(cudaStreamLegacy));
  table["cudaStreamPerThread"] = std::to_string(reinterpret_cast<uintptr_t>(cudaStreamPerThread));
  VALUE(CUBLAS_STATUS_SUCCESS)
  VALUE(CUBLAS_STATUS_NOT_INITIALIZED)
  VALUE(CUBLAS_STATUS_ALLOC_FAILED)
  VALUE(CUBLAS_STATUS_INVALID_VALUE)
  VALUE(CUBLAS_STATUS_ARCH_MISMATCH)
  VALUE(CUBLAS_STATUS_MAPPING_ERROR)
  VALUE(CUBLAS_STATUS_EXECUTION_FAILED)
  VALUE(CUBLAS_STATUS_INTERNAL_ERROR)
  VALUE(CUBLAS_STATUS_NOT_SUPPORTED)
  VALUE(CUBLAS_FILL_MODE_LOWER)
  VALUE(CUBLAS_FILL_MODE_UPPER)
  VALUE(CUBLAS_DIAG_NON_UNIT)
  VALUE(CUBLAS_DIAG_UNIT)
  VALUE(CUBLAS_SIDE_LEFT)
  VALUE(CUBLAS_SIDE_RIGHT)
  VALUE(CUBLAS_OP_N)
  VALUE(CUBLAS_OP_T)
  VALUE(CUBLAS_OP_C)
  VALUE(CUBLAS_POINTER_MODE_HOST)
  VALUE(CUBLAS_POINTER_MODE_DEVICE)
  VALUE(CUBLAS_DEFAULT_MATH)
  VALUE(CUBLAS_PEDANTIC_MATH)

  STRUCTURE(cudaPointerAttributes, type)
  STRUCTURE(cudaPointerAttributes, device)
  STRUCTURE(cudaPointerAttributes, devicePointer)
  STRUCTURE(cudaPointerAttributes, hostPointer)
  STRUCTURE(cudaPos, z)
  STRUCTURE(cudaExtent, depth)
  STRUCTURE(cudaPitchedPtr, pitch)
  STRUCTURE(cudaPitchedPtr, ysize)
  STRUCTURE(cudaMemcpy3DPeerParms, srcPos)
  STRUCTURE(cudaMemcpy3DPeerParms, srcPtr)
  STRUCTURE(cudaMemcpy3DPeerParms, srcDevice)
  STRUCTURE(cudaMemcpy3DPeerParms, dstArray)
  STRUCTURE(cudaMemcpy3DPeerParms, dstPtr)
  STRUCTURE(cudaMemcpy3DPeerParms, dstDevice)
  STRUCTURE(cudaMemcpy3DPeerParms, extent)
  STRUCTURE(cuComplex, y)
  STRUCTURE(cuDoubleComplex, y)
  table["cuComplex alignment"] = std::to_string(alignof(cuComplex));
  table["cuDoubleComplex alignment"] = std::to_string(alignof(cuDoubleComplex));
  table["cudaDeviceProp.name"] = std::to_string(offsetof(cudaDeviceProp, name)) + " of " +
                                 std::to_string(sizeof(cudaDeviceProp::name));

#define FAKE_CUDA_RUNTIME FUNCTION
#include "tests/fake_cuda/include/cuda_runtime_functions.def"
#define FAKE_CUBLAS FUNCTION
#include "tests/fake_cuda/include/cublas_functions.def"
  return table;
}

}  // namespace blasx::fake_cuda
