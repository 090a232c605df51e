// SPDX-License-Identifier: Apache-2.0
// Names and values of the CUDA interface as the headers in reach declare them; compiled once with ours, once with a toolkit's.
#include <cublas_v2.h>
#include <cuda_runtime_api.h>

#ifdef FAKE_CUDA_ABI_CUDNN
#include <cudnn.h>
#endif

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
  VALUE(cudaDevAttrMaxPitch)
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
#ifdef FAKE_CUDA_ABI_CUDNN
  VALUE(CUDNN_STATUS_SUCCESS)
  VALUE(CUDNN_STATUS_NOT_INITIALIZED)
  VALUE(CUDNN_STATUS_BAD_PARAM)
  VALUE(CUDNN_STATUS_BAD_PARAM_NULL_POINTER)
  VALUE(CUDNN_STATUS_BAD_PARAM_MISALIGNED_POINTER)
  VALUE(CUDNN_STATUS_BAD_PARAM_SIZE_INSUFFICIENT)
  VALUE(CUDNN_STATUS_BAD_PARAM_SHAPE_MISMATCH)
  VALUE(CUDNN_STATUS_NOT_SUPPORTED)
  VALUE(CUDNN_STATUS_INTERNAL_ERROR)
  VALUE(CUDNN_STATUS_EXECUTION_FAILED)
  VALUE(CUDNN_DATA_FLOAT)
  VALUE(CUDNN_DEFAULT_MATH)
  VALUE(CUDNN_FMA_MATH)
  VALUE(CUDNN_NOT_PROPAGATE_NAN)
  VALUE(CUDNN_PROPAGATE_NAN)
  VALUE(CUDNN_NON_DETERMINISTIC)
  VALUE(CUDNN_DETERMINISTIC)
  VALUE(CUDNN_TENSOR_NCHW)
  VALUE(CUDNN_CONVOLUTION)
  VALUE(CUDNN_CROSS_CORRELATION)
  VALUE(CUDNN_OP_TENSOR_ADD)
  VALUE(CUDNN_OP_TENSOR_MUL)
  VALUE(CUDNN_ACTIVATION_SIGMOID)
  VALUE(CUDNN_ACTIVATION_RELU)
  VALUE(CUDNN_ACTIVATION_TANH)
  VALUE(CUDNN_POOLING_MAX)
  VALUE(CUDNN_POOLING_AVERAGE_COUNT_INCLUDE_PADDING)
  VALUE(CUDNN_POOLING_AVERAGE_COUNT_EXCLUDE_PADDING)
  VALUE(CUDNN_POOLING_MAX_DETERMINISTIC)
  VALUE(CUDNN_LRN_CROSS_CHANNEL_DIM1)
  VALUE(CUDNN_BATCHNORM_SPATIAL)
  VALUE(CUDNN_SOFTMAX_FAST)
  VALUE(CUDNN_SOFTMAX_ACCURATE)
  VALUE(CUDNN_SOFTMAX_MODE_INSTANCE)
  VALUE(CUDNN_SOFTMAX_MODE_CHANNEL)
  VALUE(CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_GEMM)
  VALUE(CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM)
  VALUE(CUDNN_CONVOLUTION_FWD_ALGO_GEMM)
  VALUE(CUDNN_CONVOLUTION_FWD_ALGO_DIRECT)
  VALUE(CUDNN_CONVOLUTION_FWD_ALGO_FFT)
  VALUE(CUDNN_CONVOLUTION_FWD_ALGO_FFT_TILING)
  VALUE(CUDNN_CONVOLUTION_FWD_ALGO_WINOGRAD)
  VALUE(CUDNN_CONVOLUTION_FWD_ALGO_WINOGRAD_NONFUSED)
  VALUE(CUDNN_CONVOLUTION_FWD_ALGO_COUNT)
  VALUE(CUDNN_CONVOLUTION_BWD_FILTER_ALGO_0)
  VALUE(CUDNN_CONVOLUTION_BWD_FILTER_ALGO_1)
  VALUE(CUDNN_CONVOLUTION_BWD_FILTER_ALGO_FFT)
  VALUE(CUDNN_CONVOLUTION_BWD_FILTER_ALGO_3)
  VALUE(CUDNN_CONVOLUTION_BWD_FILTER_ALGO_WINOGRAD)
  VALUE(CUDNN_CONVOLUTION_BWD_FILTER_ALGO_WINOGRAD_NONFUSED)
  VALUE(CUDNN_CONVOLUTION_BWD_FILTER_ALGO_FFT_TILING)
  VALUE(CUDNN_CONVOLUTION_BWD_FILTER_ALGO_COUNT)
  VALUE(CUDNN_CONVOLUTION_BWD_DATA_ALGO_0)
  VALUE(CUDNN_CONVOLUTION_BWD_DATA_ALGO_1)
  VALUE(CUDNN_CONVOLUTION_BWD_DATA_ALGO_FFT)
  VALUE(CUDNN_CONVOLUTION_BWD_DATA_ALGO_FFT_TILING)
  VALUE(CUDNN_CONVOLUTION_BWD_DATA_ALGO_WINOGRAD)
  VALUE(CUDNN_CONVOLUTION_BWD_DATA_ALGO_WINOGRAD_NONFUSED)
  VALUE(CUDNN_CONVOLUTION_BWD_DATA_ALGO_COUNT)
  STRUCTURE(cudnnConvolutionFwdAlgoPerf_t, status)
  STRUCTURE(cudnnConvolutionFwdAlgoPerf_t, memory)
  STRUCTURE(cudnnConvolutionFwdAlgoPerf_t, mathType)
  STRUCTURE(cudnnConvolutionBwdFilterAlgoPerf_t, mathType)
  STRUCTURE(cudnnConvolutionBwdDataAlgoPerf_t, mathType)
#define FAKE_CUDNN FUNCTION
#include "tests/fake_cuda/include/cudnn/cudnn_functions.def"
#endif
  return table;
}

}  // namespace blasx::fake_cuda
