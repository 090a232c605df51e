// SPDX-License-Identifier: Apache-2.0
// Entry points of the stand-in's cuDNN that make handles and descriptors.
#include "tests/fake_cuda/cudnn_launch.hpp"

// NOLINTBEGIN(readability-identifier-naming): the names are cuDNN's
extern "C" {

cudnnStatus_t cudnnCreate(cudnnHandle_t* handle) {
  if (fake_cuda_admit("cudnnCreate", -1) != cudaSuccess) return CUDNN_STATUS_NOT_INITIALIZED;
  *handle = new cudnnContext{fake_cuda_current_device(), nullptr};
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnDestroy(cudnnHandle_t handle) {
  delete handle;
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnSetStream(cudnnHandle_t handle, cudaStream_t stream) {
  if (fake_cuda_device_of(stream, handle->device) != handle->device) return CUDNN_STATUS_BAD_PARAM;
  handle->stream = stream;
  return CUDNN_STATUS_SUCCESS;
}

const char* cudnnGetErrorString(cudnnStatus_t status) {
  switch (status) {
    case CUDNN_STATUS_SUCCESS:
      return "CUDNN_STATUS_SUCCESS";
    case CUDNN_STATUS_NOT_INITIALIZED:
      return "CUDNN_STATUS_NOT_INITIALIZED";
    case CUDNN_STATUS_NOT_SUPPORTED:
      return "CUDNN_STATUS_NOT_SUPPORTED";
    case CUDNN_STATUS_INTERNAL_ERROR:
      return "CUDNN_STATUS_INTERNAL_ERROR";
    case CUDNN_STATUS_EXECUTION_FAILED:
      return "CUDNN_STATUS_EXECUTION_FAILED";
    default:
      return "CUDNN_STATUS_BAD_PARAM";
  }
}

#define FAKE_CUDNN_DESCRIPTOR(Name)                                              \
  cudnnStatus_t cudnnCreate##Name##Descriptor(cudnn##Name##Descriptor_t* made) { \
    *made = new cudnn##Name##Struct;                                             \
    return CUDNN_STATUS_SUCCESS;                                                 \
  }                                                                              \
  cudnnStatus_t cudnnDestroy##Name##Descriptor(cudnn##Name##Descriptor_t made) { \
    delete made;                                                                 \
    return CUDNN_STATUS_SUCCESS;                                                 \
  }
FAKE_CUDNN_DESCRIPTOR(Tensor)
FAKE_CUDNN_DESCRIPTOR(Filter)
FAKE_CUDNN_DESCRIPTOR(Convolution)
FAKE_CUDNN_DESCRIPTOR(Pooling)
FAKE_CUDNN_DESCRIPTOR(Activation)
FAKE_CUDNN_DESCRIPTOR(LRN)
FAKE_CUDNN_DESCRIPTOR(OpTensor)
#undef FAKE_CUDNN_DESCRIPTOR

cudnnStatus_t cudnnSetTensor4dDescriptorEx(cudnnTensorDescriptor_t made, cudnnDataType_t type,
                                           int n, int c, int h, int w, int n_stride, int c_stride,
                                           int h_stride, int w_stride) {
  if (type != CUDNN_DATA_FLOAT) return CUDNN_STATUS_NOT_SUPPORTED;
  for (const int number : {n, c, h, w, n_stride, c_stride, h_stride, w_stride})
    if (number < 1) return CUDNN_STATUS_BAD_PARAM;
  *made = {{n, c, h, w}, {n_stride, c_stride, h_stride, w_stride}};
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnSetFilter4dDescriptor(cudnnFilterDescriptor_t made, cudnnDataType_t type,
                                         cudnnTensorFormat_t format, int k, int c, int h, int w) {
  if (type != CUDNN_DATA_FLOAT || format != CUDNN_TENSOR_NCHW) return CUDNN_STATUS_NOT_SUPPORTED;
  for (const int number : {k, c, h, w})
    if (number < 1) return CUDNN_STATUS_BAD_PARAM;
  *made = {k, c, h, w};
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnSetConvolution2dDescriptor(cudnnConvolutionDescriptor_t made, int pad_h,
                                              int pad_w, int stride_h, int stride_w, int dilation_h,
                                              int dilation_w, cudnnConvolutionMode_t mode,
                                              cudnnDataType_t type) {
  if (pad_h < 0 || pad_w < 0 || stride_h < 1 || stride_w < 1) return CUDNN_STATUS_BAD_PARAM;
  if (dilation_h != 1 || dilation_w != 1 || mode != CUDNN_CROSS_CORRELATION ||
      type != CUDNN_DATA_FLOAT)
    return CUDNN_STATUS_NOT_SUPPORTED;
  *made = {pad_h, pad_w, stride_h, stride_w, CUDNN_DEFAULT_MATH};
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnSetConvolutionMathType(cudnnConvolutionDescriptor_t made, cudnnMathType_t math) {
  made->math = math;
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnSetPooling2dDescriptor(cudnnPoolingDescriptor_t made, cudnnPoolingMode_t mode,
                                          cudnnNanPropagation_t /*nan*/, int h, int w, int pad_h,
                                          int pad_w, int stride_h, int stride_w) {
  if (h < 1 || w < 1 || pad_h < 0 || pad_w < 0 || stride_h < 1 || stride_w < 1 || pad_h >= h ||
      pad_w >= w)
    return CUDNN_STATUS_BAD_PARAM;
  *made = {mode, h, w, pad_h, pad_w, stride_h, stride_w};
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnSetActivationDescriptor(cudnnActivationDescriptor_t made,
                                           cudnnActivationMode_t mode,
                                           cudnnNanPropagation_t /*nan*/, double /*coefficient*/) {
  made->mode = mode;
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnSetLRNDescriptor(cudnnLRNDescriptor_t made, unsigned n, double alpha,
                                    double beta, double k) {
  constexpr unsigned kMost = 16;
  constexpr double kLeastK = 1e-5, kLeastBeta = 0.01;
  if (n < 1 || n > kMost || k < kLeastK || beta < kLeastBeta) return CUDNN_STATUS_BAD_PARAM;
  *made = {static_cast<int>(n), alpha, beta, k};
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnSetOpTensorDescriptor(cudnnOpTensorDescriptor_t made, cudnnOpTensorOp_t op,
                                         cudnnDataType_t /*type*/, cudnnNanPropagation_t /*nan*/) {
  made->op = op;
  return CUDNN_STATUS_SUCCESS;
}

}  // extern "C"
// NOLINTEND(readability-identifier-naming)
