// SPDX-License-Identifier: Apache-2.0
#include "clients/nn/layers/cuda/handles.hpp"

#include <fmt/format.h>

#include <limits>

#include "clients/nn/error.hpp"

namespace nn::cuda {
namespace {

int narrow(int64_t number) {
  if (number > std::numeric_limits<int>::max())
    throw Error(fmt::format("{} elements are more than cuDNN counts", number));
  return static_cast<int>(number);
}

template <class Owner, class Create>
Owner make(Create create, const char* what) {
  typename Owner::pointer raw = nullptr;
  check(create(&raw), what);
  return Owner(raw);
}

Tensor strided(const graph::Shape& shape, int64_t n_stride) {
  narrow(shape.elems());
  Tensor made = make<Tensor>(cudnnCreateTensorDescriptor, "cudnnCreateTensorDescriptor");
  check(cudnnSetTensor4dDescriptorEx(made.get(), CUDNN_DATA_FLOAT, narrow(shape.n), narrow(shape.c),
                                     narrow(shape.h), narrow(shape.w), narrow(n_stride),
                                     narrow(shape.h * shape.w), narrow(shape.w), 1),
        "cudnnSetTensor4dDescriptorEx");
  return made;
}

}  // namespace

void check(cudaError_t error, const char* what) {
  if (error == cudaSuccess) return;
  (void)cudaGetLastError();  // not for the next call to find
  throw Error(fmt::format("{}: {} ({})", what, cudaGetErrorString(error), cudaGetErrorName(error)));
}

void check(cublasStatus_t error, const char* what) {
  if (error != CUBLAS_STATUS_SUCCESS)
    throw Error(fmt::format("{}: {}", what, cublasGetStatusName(error)));
}

void check(cudnnStatus_t error, const char* what) {
  if (error != CUDNN_STATUS_SUCCESS)
    throw Error(fmt::format("{}: {}", what, cudnnGetErrorString(error)));
}

Stream new_stream() {
  return make<Stream>(
      [](cudaStream_t* raw) { return cudaStreamCreateWithFlags(raw, cudaStreamNonBlocking); },
      "cudaStreamCreateWithFlags");
}

Event new_event() {
  return make<Event>(
      [](cudaEvent_t* raw) { return cudaEventCreateWithFlags(raw, cudaEventDisableTiming); },
      "cudaEventCreateWithFlags");
}

Tensor tensor(const graph::Shape& shape) { return strided(shape, shape.c * shape.h * shape.w); }

Tensor vector(int64_t elems) { return tensor({1, elems, 1, 1}); }

Tensor matrix(int64_t rows, int64_t columns, int64_t pitch) {
  return strided({rows, columns, 1, 1}, pitch);
}

Activation activation(cudnnActivationMode_t mode) {
  auto made = make<Activation>(cudnnCreateActivationDescriptor, "cudnnCreateActivationDescriptor");
  // What is no number is to be seen in the loss.
  check(cudnnSetActivationDescriptor(made.get(), mode, CUDNN_PROPAGATE_NAN, 0),
        "cudnnSetActivationDescriptor");
  return made;
}

ElementWise product_of_elements() {
  auto made = make<ElementWise>(cudnnCreateOpTensorDescriptor, "cudnnCreateOpTensorDescriptor");
  check(cudnnSetOpTensorDescriptor(made.get(), CUDNN_OP_TENSOR_MUL, CUDNN_DATA_FLOAT,
                                   CUDNN_PROPAGATE_NAN),
        "cudnnSetOpTensorDescriptor");
  return made;
}

}  // namespace nn::cuda
