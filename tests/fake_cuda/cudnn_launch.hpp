// SPDX-License-Identifier: Apache-2.0
// How a kernel of the stand-in's cuDNN becomes an operation in a stream: what the descriptors hold, operands as the checks see them
// and as the kernels read them.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

#include "cudnn.h"
#include "tests/fake_cuda/bridge.hpp"

// NOLINTBEGIN(readability-identifier-naming): cuDNN's names
struct cudnnContext {
  int device = 0;
  cudaStream_t stream = nullptr;
};
struct cudnnTensorStruct {
  std::array<int, 4> size{}, stride{};
};
struct cudnnFilterStruct {
  int k = 0, c = 0, h = 0, w = 0;
};
struct cudnnConvolutionStruct {
  int pad_h = 0, pad_w = 0, stride_h = 1, stride_w = 1;
  cudnnMathType_t math = CUDNN_DEFAULT_MATH;
};
struct cudnnPoolingStruct {
  cudnnPoolingMode_t mode = CUDNN_POOLING_MAX;
  int h = 0, w = 0, pad_h = 0, pad_w = 0, stride_h = 1, stride_w = 1;
};
struct cudnnActivationStruct {
  cudnnActivationMode_t mode = CUDNN_ACTIVATION_RELU;
};
struct cudnnLRNStruct {
  int n = 0;
  double alpha = 0, beta = 0, k = 0;
};
struct cudnnOpTensorStruct {
  cudnnOpTensorOp_t op = CUDNN_OP_TENSOR_ADD;
};
// NOLINTEND(readability-identifier-naming)

namespace blasx::fake_cuda {

using Shape = cudnnTensorStruct;

// A tensor's elements where the stand-in reaches them.
struct Elements {
  float* first;
  Shape shape;
  float& operator()(int n, int c, int h, int w) const {
    const auto& s = shape.stride;
    return first[int64_t{n} * s[0] + int64_t{c} * s[1] + int64_t{h} * s[2] + int64_t{w} * s[3]];
  }
};
inline Elements elements(std::byte* place, const Shape& shape) {
  return {reinterpret_cast<float*>(place), shape};
}

// f(n, c, h, w) for every element.
template <class F>
void each(const Shape& shape, const F& f) {
  for (int n = 0; n < shape.size[0]; ++n)
    for (int c = 0; c < shape.size[1]; ++c)
      for (int h = 0; h < shape.size[2]; ++h)
        for (int w = 0; w < shape.size[3]; ++w) f(n, c, h, w);
}

// What a kernel reads, or reads and writes.
inline Access bytes_access(const void* data, size_t bytes, bool write) {
  return {{reinterpret_cast<uintptr_t>(data), bytes, bytes, 1}, write};
}
inline Access access(const void* data, const Shape& shape, bool write = false) {
  size_t width = 1;
  for (size_t i = 1; i < 4; ++i)
    width += static_cast<size_t>(shape.size[i] - 1) * static_cast<size_t>(shape.stride[i]);
  const auto rows = static_cast<size_t>(shape.size[0]);
  return {{reinterpret_cast<uintptr_t>(data), static_cast<size_t>(shape.stride[0]) * sizeof(float),
           width * sizeof(float), rows},
          write};
}

// cuDNN's alpha and beta, which are read when it is called.
inline double factor(const void* number) {
  return static_cast<double>(*static_cast<const float*>(number));
}
// alpha value + beta old; old is not read where beta is 0.
struct Blend {
  double alpha, beta;
  void operator()(float& to, double value) const {
    to = static_cast<float>(alpha * value + (beta != 0 ? beta * static_cast<double>(to) : 0));
  }
};
inline Blend blend(const void* alpha, const void* beta) { return {factor(alpha), factor(beta)}; }

// `body` gets the places of the accesses in their order.
inline cudnnStatus_t launch_dnn(cudnnHandle_t handle, const char* function,
                                std::vector<Access> accesses,
                                std::function<void(std::span<std::byte* const>)> body) {
  if (handle == nullptr) return CUDNN_STATUS_NOT_INITIALIZED;
  for (const Access& each_one : accesses)
    if (each_one.range.base == 0) return CUDNN_STATUS_BAD_PARAM_NULL_POINTER;
  Kernel kernel{function, handle->device, handle->stream, std::move(accesses), {}, std::move(body)};
  // Kernels of one handle follow one another.
  kernel.workspace = bytes_access(handle, sizeof *handle, true);
  return fake_cuda_launch(kernel) == cudaSuccess ? CUDNN_STATUS_SUCCESS
                                                 : CUDNN_STATUS_EXECUTION_FAILED;
}

}  // namespace blasx::fake_cuda
