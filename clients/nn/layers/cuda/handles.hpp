// SPDX-License-Identifier: Apache-2.0
// Answers of CUDA, cuBLAS and cuDNN as Errors, and owners of what they hand out. Owners release without complaint.
#pragma once

#include <cublas_v2.h>
#include <cuda_runtime_api.h>
#include <cudnn.h>

#include <memory>

#include "clients/nn/graph/network.hpp"

namespace nn::cuda {

// Throw Error, with what was called, unless it went well.
void check(cudaError_t error, const char* what);
void check(cublasStatus_t error, const char* what);
void check(cudnnStatus_t error, const char* what);

template <auto Destroy>
struct Destroyer {
  template <class T>
  void operator()(T* handle) const {
    (void)Destroy(handle);
  }
};
template <class T, auto Destroy>
using Owner = std::unique_ptr<T, Destroyer<Destroy>>;

using Stream = Owner<CUstream_st, cudaStreamDestroy>;
using Event = Owner<CUevent_st, cudaEventDestroy>;
using Blas = Owner<cublasContext, cublasDestroy>;
using Dnn = Owner<cudnnContext, cudnnDestroy>;
using Tensor = Owner<cudnnTensorStruct, cudnnDestroyTensorDescriptor>;
using Filter = Owner<cudnnFilterStruct, cudnnDestroyFilterDescriptor>;
using ConvolutionShape = Owner<cudnnConvolutionStruct, cudnnDestroyConvolutionDescriptor>;
using PoolingShape = Owner<cudnnPoolingStruct, cudnnDestroyPoolingDescriptor>;
using Activation = Owner<cudnnActivationStruct, cudnnDestroyActivationDescriptor>;
using LrnShape = Owner<cudnnLRNStruct, cudnnDestroyLRNDescriptor>;
using ElementWise = Owner<cudnnOpTensorStruct, cudnnDestroyOpTensorDescriptor>;

Stream new_stream();
Event new_event();
// Single precision, n x c x h x w without gaps; a vector of c; a matrix whose rows lie `pitch` elements apart.
Tensor tensor(const graph::Shape& shape);
Tensor vector(int64_t elems);
Tensor matrix(int64_t rows, int64_t columns, int64_t pitch);
Activation activation(cudnnActivationMode_t mode);
ElementWise product_of_elements();

// cuDNN takes factors by their address.
inline constexpr float kOne = 1, kZero = 0;

}  // namespace nn::cuda
