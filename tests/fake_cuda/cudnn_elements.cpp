// SPDX-License-Identifier: Apache-2.0
// The stand-in's kernels that work element by element: sums, products, functions, softmax.
#include <algorithm>
#include <cmath>

#include "tests/fake_cuda/cudnn_launch.hpp"

using namespace blasx::fake_cuda;  // NOLINT: the functions below are C

namespace {

// Sizes are equal, or 1 where it is repeated.
bool repeats_to(const Shape& part, const Shape& whole) {
  for (size_t i = 0; i < 4; ++i)
    if (part.size[i] != whole.size[i] && part.size[i] != 1) return false;
  return true;
}

double at_repeated(const Elements& of, int n, int c, int h, int w) {
  const auto index = [&](size_t axis, int i) { return of.shape.size[axis] == 1 ? 0 : i; };
  return static_cast<double>(of(index(0, n), index(1, c), index(2, h), index(3, w)));
}

double function_of(cudnnActivationMode_t mode, double x) {
  switch (mode) {
    case CUDNN_ACTIVATION_SIGMOID:
      return 1 / (1 + std::exp(-x));
    case CUDNN_ACTIVATION_RELU:
      return x > 0 || std::isnan(x) ? x : 0;
    case CUDNN_ACTIVATION_TANH:
      return std::tanh(x);
  }
  return 0;
}

double derivative(cudnnActivationMode_t mode, double x, double y) {
  switch (mode) {
    case CUDNN_ACTIVATION_SIGMOID:
      return y * (1 - y);
    case CUDNN_ACTIVATION_RELU:
      return x > 0 ? 1 : 0;
    case CUDNN_ACTIVATION_TANH:
      return 1 - y * y;
  }
  return 0;
}

}  // namespace

// NOLINTBEGIN(readability-identifier-naming): the names are cuDNN's
extern "C" {

cudnnStatus_t cudnnAddTensor(cudnnHandle_t handle, const void* alpha, cudnnTensorDescriptor_t of_a,
                             const void* a, const void* beta, cudnnTensorDescriptor_t of_c,
                             void* c) {
  if (!repeats_to(*of_a, *of_c)) return CUDNN_STATUS_BAD_PARAM_SHAPE_MISMATCH;
  return launch_dnn(handle, "cudnnAddTensor", {access(a, *of_a), access(c, *of_c, true)},
                    [from = *of_a, to = *of_c, put = blend(alpha, beta)](auto at) {
                      const Elements in = elements(at[0], from), out = elements(at[1], to);
                      each(to, [&](int i, int j, int k, int l) {
                        put(out(i, j, k, l), at_repeated(in, i, j, k, l));
                      });
                    });
}

cudnnStatus_t cudnnOpTensor(cudnnHandle_t handle, cudnnOpTensorDescriptor_t op, const void* alpha1,
                            cudnnTensorDescriptor_t of_a, const void* a, const void* alpha2,
                            cudnnTensorDescriptor_t of_b, const void* b, const void* beta,
                            cudnnTensorDescriptor_t of_c, void* c) {
  if (of_a->size != of_c->size || !repeats_to(*of_b, *of_c))
    return CUDNN_STATUS_BAD_PARAM_SHAPE_MISMATCH;
  if (b == c && a != c) return CUDNN_STATUS_BAD_PARAM;
  const double one = factor(alpha1), two = factor(alpha2), old = factor(beta);
  const bool multiplies = op->op == CUDNN_OP_TENSOR_MUL;
  return launch_dnn(handle, "cudnnOpTensor",
                    {access(a, *of_a), access(b, *of_b), access(c, *of_c, true)},
                    [=, left = *of_a, right = *of_b, to = *of_c](auto at) {
                      const Elements x = elements(at[0], left), y = elements(at[1], right),
                                     z = elements(at[2], to);
                      each(to, [&](int i, int j, int k, int l) {
                        const double u = one * static_cast<double>(x(i, j, k, l));
                        const double v = two * at_repeated(y, i, j, k, l);
                        Blend{1, old}(z(i, j, k, l), multiplies ? u * v : u + v);
                      });
                    });
}

cudnnStatus_t cudnnActivationForward(cudnnHandle_t handle, cudnnActivationDescriptor_t function,
                                     const void* alpha, cudnnTensorDescriptor_t of_x, const void* x,
                                     const void* beta, cudnnTensorDescriptor_t of_y, void* y) {
  if (of_x->size != of_y->size || (x == y && of_x->stride != of_y->stride))
    return CUDNN_STATUS_BAD_PARAM;
  return launch_dnn(
      handle, "cudnnActivationForward", {access(x, *of_x), access(y, *of_y, true)},
      [from = *of_x, to = *of_y, put = blend(alpha, beta), mode = function->mode](auto at) {
        const Elements in = elements(at[0], from), out = elements(at[1], to);
        each(to, [&](int i, int j, int k, int l) {
          put(out(i, j, k, l), function_of(mode, static_cast<double>(in(i, j, k, l))));
        });
      });
}

// The pairs y, dy and x, dx lie alike, each.
cudnnStatus_t cudnnActivationBackward(cudnnHandle_t handle, cudnnActivationDescriptor_t function,
                                      const void* alpha, cudnnTensorDescriptor_t of_y,
                                      const void* y, cudnnTensorDescriptor_t of_dy, const void* dy,
                                      cudnnTensorDescriptor_t of_x, const void* x, const void* beta,
                                      cudnnTensorDescriptor_t of_dx, void* dx) {
  if (of_y->size != of_x->size || of_y->size != of_dy->size || of_x->size != of_dx->size)
    return CUDNN_STATUS_BAD_PARAM_SHAPE_MISMATCH;
  if (of_y->stride != of_dy->stride || of_x->stride != of_dx->stride)
    return CUDNN_STATUS_NOT_SUPPORTED;
  return launch_dnn(
      handle, "cudnnActivationBackward",
      {access(y, *of_y), access(dy, *of_dy), access(x, *of_x), access(dx, *of_dx, true)},
      [outer = *of_y, inner = *of_x, put = blend(alpha, beta), mode = function->mode](auto at) {
        const Elements result = elements(at[0], outer), slope = elements(at[1], outer),
                       in = elements(at[2], inner), to = elements(at[3], inner);
        each(inner, [&](int i, int j, int k, int l) {
          const double d = derivative(mode, static_cast<double>(in(i, j, k, l)),
                                      static_cast<double>(result(i, j, k, l)));
          put(to(i, j, k, l), static_cast<double>(slope(i, j, k, l)) * d);
        });
      });
}

cudnnStatus_t cudnnSoftmaxForward(cudnnHandle_t handle, cudnnSoftmaxAlgorithm_t /*algorithm*/,
                                  cudnnSoftmaxMode_t mode, const void* alpha,
                                  cudnnTensorDescriptor_t of_x, const void* x, const void* beta,
                                  cudnnTensorDescriptor_t of_y, void* y) {
  if (mode != CUDNN_SOFTMAX_MODE_INSTANCE) return CUDNN_STATUS_NOT_SUPPORTED;
  if (of_x->size != of_y->size) return CUDNN_STATUS_BAD_PARAM_SHAPE_MISMATCH;
  return launch_dnn(
      handle, "cudnnSoftmaxForward", {access(x, *of_x), access(y, *of_y, true)},
      [from = *of_x, to = *of_y, put = blend(alpha, beta)](auto at) {
        const Elements in = elements(at[0], from), out = elements(at[1], to);
        std::vector<double> largest(static_cast<size_t>(from.size[0]), -INFINITY);
        std::vector<double> sums(largest.size(), 0);
        each(from, [&](int n, int c, int h, int w) {
          double& most = largest[static_cast<size_t>(n)];
          most = std::max(most, static_cast<double>(in(n, c, h, w)));
        });
        const auto power = [&](int n, int c, int h, int w) {
          return std::exp(static_cast<double>(in(n, c, h, w)) - largest[static_cast<size_t>(n)]);
        };
        each(from, [&](int n, int c, int h, int w) {
          sums[static_cast<size_t>(n)] += power(n, c, h, w);
        });
        each(from, [&](int n, int c, int h, int w) {
          put(out(n, c, h, w), power(n, c, h, w) / sums[static_cast<size_t>(n)]);
        });
      });
}

}  // extern "C"
// NOLINTEND(readability-identifier-naming)
