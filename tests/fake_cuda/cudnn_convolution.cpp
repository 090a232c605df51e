// SPDX-License-Identifier: Apache-2.0
// The stand-in's convolutions: one loop in double precision for all algorithms. Each wants a workspace of its own size and leaves
// rubbish there, rounds a little otherwise than the others, and those that are not deterministic do not repeat themselves.
#include <atomic>
#include <cstring>

#include "tests/fake_cuda/cudnn_launch.hpp"

using namespace blasx::fake_cuda;  // NOLINT: the functions below are C

namespace {

struct Problem {
  Shape x, y;
  cudnnFilterStruct w;
  cudnnConvolutionStruct by;

  bool fits() const {
    const auto extent = [](int size, int pad, int kernel, int stride) {
      return (size + 2 * pad - kernel) / stride + 1;
    };
    return x.size[0] == y.size[0] && x.size[1] == w.c && y.size[1] == w.k &&
           y.size[2] == extent(x.size[2], by.pad_h, w.h, by.stride_h) &&
           y.size[3] == extent(x.size[3], by.pad_w, w.w, by.stride_w);
  }
  bool dense() const { return by.stride_h == 1 && by.stride_w == 1; }
  size_t weights() const {
    return static_cast<size_t>(w.k) * static_cast<size_t>(w.c) * static_cast<size_t>(w.h) *
           static_cast<size_t>(w.w);
  }

  // f(n, k, c, output row and column, input row and column, place of the weight) for every product.
  template <class F>
  void each_product(const F& f) const {
    each(y, [&](int n, int k, int p, int q) {
      for (int c = 0; c < w.c; ++c)
        for (int r = 0; r < w.h; ++r)
          for (int s = 0; s < w.w; ++s) {
            const int h = p * by.stride_h - by.pad_h + r, v = q * by.stride_w - by.pad_w + s;
            if (h < 0 || h >= x.size[2] || v < 0 || v >= x.size[3]) continue;
            f(n, k, c, p, q, h, v, static_cast<size_t>(((k * w.c + c) * w.h + r) * w.w + s));
          }
    });
  }
};

enum class Kind : uint8_t { Direct, Products, Matrix, Fft, Winograd, Random, None };
using Kinds = std::vector<Kind>;  // by cuDNN's numbers
const Kinds kForward{Kind::Direct, Kind::Products, Kind::Matrix,   Kind::None,
                     Kind::Fft,    Kind::Fft,      Kind::Winograd, Kind::Winograd};
const Kinds kData{Kind::Random, Kind::Products, Kind::Fft,
                  Kind::Fft,    Kind::Winograd, Kind::Winograd};
const Kinds kFilter{Kind::Random, Kind::Products, Kind::Fft, Kind::Random,
                    Kind::None,   Kind::Winograd, Kind::Fft};

// False where there is no such kernel for the problem.
bool workspace(const Problem& problem, Kind kind, size_t* bytes) {
  constexpr size_t kFloat = sizeof(float);
  const size_t places =
      static_cast<size_t>(problem.y.size[2]) * static_cast<size_t>(problem.y.size[3]);
  switch (kind) {
    case Kind::Direct:
    case Kind::Random:
      *bytes = 0;
      return true;
    case Kind::Products:
      *bytes = problem.weights() * kFloat;
      return true;
    case Kind::Matrix:
      *bytes = problem.weights() / static_cast<size_t>(problem.w.k) * places * kFloat;
      return true;
    case Kind::Fft:
      *bytes = 2 * (problem.weights() + static_cast<size_t>(problem.w.k) * places) * kFloat + 4;
      return problem.dense();
    case Kind::Winograd:
      *bytes = 2 * problem.weights() * kFloat + 4;
      return problem.dense() && problem.w.h == 3 && problem.w.w == 3;
    case Kind::None:
      return false;
  }
  return false;
}

template <class Algorithm>
cudnnStatus_t workspace_of(const Problem& problem, const Kinds& kinds, Algorithm algorithm,
                           size_t* bytes) {
  if (!problem.fits()) return CUDNN_STATUS_BAD_PARAM_SHAPE_MISMATCH;
  return workspace(problem, kinds[static_cast<size_t>(algorithm)], bytes)
             ? CUDNN_STATUS_SUCCESS
             : CUDNN_STATUS_NOT_SUPPORTED;
}

// Those that are not deterministic first, as cuDNN likes them; then the others, the last first.
template <class Perf>
cudnnStatus_t recommend(const Problem& problem, const Kinds& kinds, int wanted, int* given,
                        Perf* results) {
  if (!problem.fits()) return CUDNN_STATUS_BAD_PARAM_SHAPE_MISMATCH;
  *given = 0;
  for (const bool random : {true, false}) {
    for (size_t i = kinds.size(); i-- > 0 && *given < wanted;) {
      if ((kinds[i] == Kind::Random) != random) continue;
      Perf& result = results[(*given)++];
      result = {};
      result.algo = static_cast<decltype(result.algo)>(i);
      result.determinism = random ? CUDNN_NON_DETERMINISTIC : CUDNN_DETERMINISTIC;
      result.mathType = problem.by.math;
      result.time = -1;
      if (!workspace(problem, kinds[i], &result.memory)) result.status = CUDNN_STATUS_NOT_SUPPORTED;
    }
  }
  return CUDNN_STATUS_SUCCESS;
}

// What an algorithm makes of an exact value.
double rounded(const Kinds& kinds, size_t algorithm, double value) {
  static std::atomic<int> calls{0};
  constexpr double kLittle = 3e-8;
  constexpr int kLong = 1009;  // no iteration has so many, or a part of it
  const int turn = kinds[algorithm] == Kind::Random ? calls.fetch_add(1) % kLong % 8 : 0;
  return value * (1 + kLittle * static_cast<double>(static_cast<int>(algorithm) + turn));
}

// Tensor cores would round to 10 bits, which no test would take for single precision.
bool exact(const Problem& problem) { return problem.by.math == CUDNN_FMA_MATH; }

struct Call {
  cudnnHandle_t handle;
  const char* function;
  const Problem& problem;
  const Kinds& kinds;
  size_t algorithm;
  void* workspace_place;
  size_t workspace_bytes;
};

// sums[i], i from 0 to outputs, are given to `store`.
template <class Sum, class Store>
cudnnStatus_t convolve(const Call& call, std::vector<Access> accesses, size_t outputs,
                       const Sum& sum, const Store& store) {
  size_t needed = 0;
  if (!call.problem.fits()) return CUDNN_STATUS_BAD_PARAM_SHAPE_MISMATCH;
  if (!exact(call.problem) || !workspace(call.problem, call.kinds[call.algorithm], &needed))
    return CUDNN_STATUS_NOT_SUPPORTED;
  if (call.workspace_bytes < needed) return CUDNN_STATUS_BAD_PARAM_SIZE_INSUFFICIENT;
  constexpr uintptr_t kAlignment = 256;
  if (reinterpret_cast<uintptr_t>(call.workspace_place) % kAlignment != 0)
    return CUDNN_STATUS_BAD_PARAM_MISALIGNED_POINTER;
  const size_t rubbish = accesses.size();
  if (needed > 0) accesses.push_back(bytes_access(call.workspace_place, needed, true));
  const Kinds& kinds = call.kinds;
  const size_t algorithm = call.algorithm;
  return launch_dnn(call.handle, call.function, std::move(accesses), [=, &kinds](auto at) {
    if (needed > 0) std::memset(at[rubbish], 0xff, needed);
    std::vector<double> sums(outputs, 0);
    sum(at, sums);
    for (double& value : sums) value = rounded(kinds, algorithm, value);
    store(at, sums);
  });
}

size_t place(const Shape& shape, int n, int c, int h, int w) {
  const auto& s = shape.size;
  return static_cast<size_t>(((n * s[1] + c) * s[2] + h) * s[3] + w);
}
size_t count(const Shape& shape) {
  return place(shape, shape.size[0] - 1, shape.size[1] - 1, shape.size[2] - 1, shape.size[3] - 1) +
         1;
}
double value_at(const Elements& of, int n, int c, int h, int w) {
  return static_cast<double>(of(n, c, h, w));
}
double weight_at(const std::byte* weights, size_t at) {
  return static_cast<double>(reinterpret_cast<const float*>(weights)[at]);
}

void store_tensor(std::byte* to, const Shape& shape, const Blend& put,
                  const std::vector<double>& sums) {
  const Elements all = elements(to, shape);
  each(shape,
       [&](int n, int c, int h, int w) { put(all(n, c, h, w), sums[place(shape, n, c, h, w)]); });
}

}  // namespace

// NOLINTBEGIN(readability-identifier-naming): the names are cuDNN's
extern "C" {

cudnnStatus_t cudnnGetConvolutionForwardAlgorithm_v7(cudnnHandle_t, cudnnTensorDescriptor_t of_x,
                                                     cudnnFilterDescriptor_t of_w,
                                                     cudnnConvolutionDescriptor_t shape,
                                                     cudnnTensorDescriptor_t of_y, int wanted,
                                                     int* given,
                                                     cudnnConvolutionFwdAlgoPerf_t* results) {
  return recommend({*of_x, *of_y, *of_w, *shape}, kForward, wanted, given, results);
}
cudnnStatus_t cudnnGetConvolutionBackwardDataAlgorithm_v7(
    cudnnHandle_t, cudnnFilterDescriptor_t of_w, cudnnTensorDescriptor_t of_dy,
    cudnnConvolutionDescriptor_t shape, cudnnTensorDescriptor_t of_dx, int wanted, int* given,
    cudnnConvolutionBwdDataAlgoPerf_t* results) {
  return recommend({*of_dx, *of_dy, *of_w, *shape}, kData, wanted, given, results);
}
cudnnStatus_t cudnnGetConvolutionBackwardFilterAlgorithm_v7(
    cudnnHandle_t, cudnnTensorDescriptor_t of_x, cudnnTensorDescriptor_t of_dy,
    cudnnConvolutionDescriptor_t shape, cudnnFilterDescriptor_t of_dw, int wanted, int* given,
    cudnnConvolutionBwdFilterAlgoPerf_t* results) {
  return recommend({*of_x, *of_dy, *of_dw, *shape}, kFilter, wanted, given, results);
}

cudnnStatus_t cudnnGetConvolutionForwardWorkspaceSize(cudnnHandle_t, cudnnTensorDescriptor_t of_x,
                                                      cudnnFilterDescriptor_t of_w,
                                                      cudnnConvolutionDescriptor_t shape,
                                                      cudnnTensorDescriptor_t of_y,
                                                      cudnnConvolutionFwdAlgo_t algorithm,
                                                      size_t* bytes) {
  return workspace_of({*of_x, *of_y, *of_w, *shape}, kForward, algorithm, bytes);
}
cudnnStatus_t cudnnGetConvolutionBackwardDataWorkspaceSize(
    cudnnHandle_t, cudnnFilterDescriptor_t of_w, cudnnTensorDescriptor_t of_dy,
    cudnnConvolutionDescriptor_t shape, cudnnTensorDescriptor_t of_dx,
    cudnnConvolutionBwdDataAlgo_t algorithm, size_t* bytes) {
  return workspace_of({*of_dx, *of_dy, *of_w, *shape}, kData, algorithm, bytes);
}
cudnnStatus_t cudnnGetConvolutionBackwardFilterWorkspaceSize(
    cudnnHandle_t, cudnnTensorDescriptor_t of_x, cudnnTensorDescriptor_t of_dy,
    cudnnConvolutionDescriptor_t shape, cudnnFilterDescriptor_t of_dw,
    cudnnConvolutionBwdFilterAlgo_t algorithm, size_t* bytes) {
  return workspace_of({*of_x, *of_dy, *of_dw, *shape}, kFilter, algorithm, bytes);
}

cudnnStatus_t cudnnConvolutionForward(cudnnHandle_t handle, const void* alpha,
                                      cudnnTensorDescriptor_t of_x, const void* x,
                                      cudnnFilterDescriptor_t of_w, const void* w,
                                      cudnnConvolutionDescriptor_t shape,
                                      cudnnConvolutionFwdAlgo_t algorithm, void* space,
                                      size_t bytes, const void* beta, cudnnTensorDescriptor_t of_y,
                                      void* y) {
  const Problem problem{*of_x, *of_y, *of_w, *shape};
  return convolve(
      {handle, "cudnnConvolutionForward", problem, kForward, algorithm, space, bytes},
      {access(x, *of_x), bytes_access(w, problem.weights() * sizeof(float), false),
       access(y, *of_y, true)},
      count(problem.y),
      [problem](auto at, std::vector<double>& sums) {
        const Elements in = elements(at[0], problem.x);
        problem.each_product([&](int n, int k, int c, int p, int q, int h, int v, size_t weight) {
          sums[place(problem.y, n, k, p, q)] += value_at(in, n, c, h, v) * weight_at(at[1], weight);
        });
      },
      [problem, put = blend(alpha, beta)](auto at, const std::vector<double>& sums) {
        store_tensor(at[2], problem.y, put, sums);
      });
}

cudnnStatus_t cudnnConvolutionBackwardData(cudnnHandle_t handle, const void* alpha,
                                           cudnnFilterDescriptor_t of_w, const void* w,
                                           cudnnTensorDescriptor_t of_dy, const void* dy,
                                           cudnnConvolutionDescriptor_t shape,
                                           cudnnConvolutionBwdDataAlgo_t algorithm, void* space,
                                           size_t bytes, const void* beta,
                                           cudnnTensorDescriptor_t of_dx, void* dx) {
  const Problem problem{*of_dx, *of_dy, *of_w, *shape};
  return convolve(
      {handle, "cudnnConvolutionBackwardData", problem, kData, algorithm, space, bytes},
      {bytes_access(w, problem.weights() * sizeof(float), false), access(dy, *of_dy),
       access(dx, *of_dx, true)},
      count(problem.x),
      [problem](auto at, std::vector<double>& sums) {
        const Elements out = elements(at[1], problem.y);
        problem.each_product([&](int n, int k, int c, int p, int q, int h, int v, size_t weight) {
          sums[place(problem.x, n, c, h, v)] +=
              value_at(out, n, k, p, q) * weight_at(at[0], weight);
        });
      },
      [problem, put = blend(alpha, beta)](auto at, const std::vector<double>& sums) {
        store_tensor(at[2], problem.x, put, sums);
      });
}

cudnnStatus_t cudnnConvolutionBackwardFilter(cudnnHandle_t handle, const void* alpha,
                                             cudnnTensorDescriptor_t of_x, const void* x,
                                             cudnnTensorDescriptor_t of_dy, const void* dy,
                                             cudnnConvolutionDescriptor_t shape,
                                             cudnnConvolutionBwdFilterAlgo_t algorithm, void* space,
                                             size_t bytes, const void* beta,
                                             cudnnFilterDescriptor_t of_dw, void* dw) {
  const Problem problem{*of_x, *of_dy, *of_dw, *shape};
  return convolve(
      {handle, "cudnnConvolutionBackwardFilter", problem, kFilter, algorithm, space, bytes},
      {access(x, *of_x), access(dy, *of_dy),
       bytes_access(dw, problem.weights() * sizeof(float), true)},
      problem.weights(),
      [problem](auto at, std::vector<double>& sums) {
        const Elements in = elements(at[0], problem.x), out = elements(at[1], problem.y);
        problem.each_product([&](int n, int k, int c, int p, int q, int h, int v, size_t weight) {
          sums[weight] += value_at(in, n, c, h, v) * value_at(out, n, k, p, q);
        });
      },
      [put = blend(alpha, beta)](auto at, const std::vector<double>& sums) {
        for (size_t i = 0; i < sums.size(); ++i) put(reinterpret_cast<float*>(at[2])[i], sums[i]);
      });
}

cudnnStatus_t cudnnConvolutionBackwardBias(cudnnHandle_t handle, const void* alpha,
                                           cudnnTensorDescriptor_t of_dy, const void* dy,
                                           const void* beta, cudnnTensorDescriptor_t of_db,
                                           void* db) {
  if (of_db->size != std::array<int, 4>{1, of_dy->size[1], 1, 1})
    return CUDNN_STATUS_BAD_PARAM_SHAPE_MISMATCH;
  return launch_dnn(handle, "cudnnConvolutionBackwardBias",
                    {access(dy, *of_dy), access(db, *of_db, true)},
                    [from = *of_dy, to = *of_db, put = blend(alpha, beta)](auto at) {
                      std::vector<double> sums(static_cast<size_t>(from.size[1]), 0);
                      const Elements all = elements(at[0], from), out = elements(at[1], to);
                      each(from, [&](int n, int c, int h, int w) {
                        sums[static_cast<size_t>(c)] += value_at(all, n, c, h, w);
                      });
                      for (int c = 0; c < from.size[1]; ++c)
                        put(out(0, c, 0, 0), sums[static_cast<size_t>(c)]);
                    });
}

}  // extern "C"
// NOLINTEND(readability-identifier-naming)
