// SPDX-License-Identifier: Apache-2.0
// The stand-in's pooling and its normalisations, as their definitions read.
#include <algorithm>
#include <cmath>

#include "tests/fake_cuda/cudnn_launch.hpp"

using namespace blasx::fake_cuda;  // NOLINT: the functions below are C

namespace {

bool is_max(const cudnnPoolingStruct& shape) {
  return shape.mode == CUDNN_POOLING_MAX || shape.mode == CUDNN_POOLING_MAX_DETERMINISTIC;
}

// The part of a window that lies in the input: rows [h0, h1), columns [w0, w1).
struct Window {
  int h0, h1, w0, w1;
  Window(const cudnnPoolingStruct& by, const Shape& in, int p, int q) {
    const int top = p * by.stride_h - by.pad_h, left = q * by.stride_w - by.pad_w;
    h0 = std::max(0, top);
    h1 = std::min(in.size[2], top + by.h);
    w0 = std::max(0, left);
    w1 = std::min(in.size[3], left + by.w);
  }
  double count() const { return static_cast<double>((h1 - h0) * (w1 - w0)); }
  template <class F>
  void each(const F& f) const {
    for (int h = h0; h < h1; ++h)
      for (int w = w0; w < w1; ++w) f(h, w);
  }
};

// Across channels: k + alpha / n times the squares around c.
double lrn_scale(const cudnnLRNStruct& by, const Elements& in, int n, int c, int h, int w) {
  double squares = 0;
  const int first = std::max(0, c - (by.n - 1) / 2);
  const int last = std::min(in.shape.size[1] - 1, c + by.n / 2);
  for (int i = first; i <= last; ++i) squares += std::pow(static_cast<double>(in(n, i, h, w)), 2);
  return by.k + by.alpha / by.n * squares;
}

struct Statistics {
  std::vector<double> mean, variance;
};
Statistics statistics(const Elements& in) {
  const auto channels = static_cast<size_t>(in.shape.size[1]);
  const double count = in.shape.size[0] * in.shape.size[2] * in.shape.size[3];
  Statistics s{std::vector<double>(channels, 0), std::vector<double>(channels, 0)};
  each(in.shape, [&](int n, int c, int h, int w) {
    s.mean[static_cast<size_t>(c)] += static_cast<double>(in(n, c, h, w)) / count;
  });
  each(in.shape, [&](int n, int c, int h, int w) {
    const auto i = static_cast<size_t>(c);
    s.variance[i] += std::pow(static_cast<double>(in(n, c, h, w)) - s.mean[i], 2) / count;
  });
  return s;
}

float& number(std::byte* all, int c) { return reinterpret_cast<float*>(all)[c]; }

}  // namespace

// NOLINTBEGIN(readability-identifier-naming): the names are cuDNN's
extern "C" {

cudnnStatus_t cudnnPoolingForward(cudnnHandle_t handle, cudnnPoolingDescriptor_t shape,
                                  const void* alpha, cudnnTensorDescriptor_t of_x, const void* x,
                                  const void* beta, cudnnTensorDescriptor_t of_y, void* y) {
  return launch_dnn(handle, "cudnnPoolingForward", {access(x, *of_x), access(y, *of_y, true)},
                    [from = *of_x, to = *of_y, by = *shape, put = blend(alpha, beta)](auto at) {
                      const Elements in = elements(at[0], from), out = elements(at[1], to);
                      each(to, [&](int n, int c, int p, int q) {
                        const Window window(by, from, p, q);
                        double most = -INFINITY, sum = 0;
                        window.each([&](int h, int w) {
                          const auto value = static_cast<double>(in(n, c, h, w));
                          most = value > most || std::isnan(value) ? value : most;
                          sum += value;
                        });
                        const double all = by.mode == CUDNN_POOLING_AVERAGE_COUNT_INCLUDE_PADDING
                                               ? static_cast<double>(by.h * by.w)
                                               : window.count();
                        put(out(n, c, p, q), is_max(by) ? most : sum / all);
                      });
                    });
}

// Of several that are the largest the first, unless any may be taken: then the last.
cudnnStatus_t cudnnPoolingBackward(cudnnHandle_t handle, cudnnPoolingDescriptor_t shape,
                                   const void* alpha, cudnnTensorDescriptor_t of_y, const void* y,
                                   cudnnTensorDescriptor_t of_dy, const void* dy,
                                   cudnnTensorDescriptor_t of_x, const void* x, const void* beta,
                                   cudnnTensorDescriptor_t of_dx, void* dx) {
  return launch_dnn(
      handle, "cudnnPoolingBackward",
      {access(y, *of_y), access(dy, *of_dy), access(x, *of_x), access(dx, *of_dx, true)},
      [outer = *of_y, inner = *of_x, by = *shape, put = blend(alpha, beta)](auto at) {
        const Elements result = elements(at[0], outer), slope = elements(at[1], outer),
                       in = elements(at[2], inner), to = elements(at[3], inner);
        std::vector<double> sums(static_cast<size_t>(inner.size[0]) *
                                 static_cast<size_t>(inner.stride[0]));
        const auto sum_at = [&](int n, int c, int h, int w) -> double& {
          return sums[static_cast<size_t>(&in(n, c, h, w) - in.first)];
        };
        each(outer, [&](int n, int c, int p, int q) {
          const Window window(by, inner, p, q);
          const auto d = static_cast<double>(slope(n, c, p, q));
          if (!is_max(by))
            return window.each([&](int h, int w) { sum_at(n, c, h, w) += d / window.count(); });
          int row = -1, column = -1;
          window.each([&](int h, int w) {
            if (in(n, c, h, w) != result(n, c, p, q)) return;
            if (row >= 0 && by.mode == CUDNN_POOLING_MAX_DETERMINISTIC) return;
            row = h;
            column = w;
          });
          if (row >= 0) sum_at(n, c, row, column) += d;
        });
        each(inner, [&](int n, int c, int h, int w) { put(to(n, c, h, w), sum_at(n, c, h, w)); });
      });
}

cudnnStatus_t cudnnLRNCrossChannelForward(cudnnHandle_t handle, cudnnLRNDescriptor_t shape,
                                          cudnnLRNMode_t /*mode*/, const void* alpha,
                                          cudnnTensorDescriptor_t of_x, const void* x,
                                          const void* beta, cudnnTensorDescriptor_t of_y, void* y) {
  return launch_dnn(handle, "cudnnLRNCrossChannelForward",
                    {access(x, *of_x), access(y, *of_y, true)},
                    [from = *of_x, to = *of_y, by = *shape, put = blend(alpha, beta)](auto at) {
                      const Elements in = elements(at[0], from), out = elements(at[1], to);
                      each(to, [&](int n, int c, int h, int w) {
                        put(out(n, c, h, w), static_cast<double>(in(n, c, h, w)) *
                                                 std::pow(lrn_scale(by, in, n, c, h, w), -by.beta));
                      });
                    });
}

cudnnStatus_t cudnnLRNCrossChannelBackward(cudnnHandle_t handle, cudnnLRNDescriptor_t shape,
                                           cudnnLRNMode_t /*mode*/, const void* alpha,
                                           cudnnTensorDescriptor_t of_y, const void* y,
                                           cudnnTensorDescriptor_t of_dy, const void* dy,
                                           cudnnTensorDescriptor_t of_x, const void* x,
                                           const void* beta, cudnnTensorDescriptor_t of_dx,
                                           void* dx) {
  return launch_dnn(
      handle, "cudnnLRNCrossChannelBackward",
      {access(y, *of_y), access(dy, *of_dy), access(x, *of_x), access(dx, *of_dx, true)},
      [outer = *of_y, inner = *of_x, by = *shape, put = blend(alpha, beta)](auto at) {
        const Elements result = elements(at[0], outer), slope = elements(at[1], outer),
                       in = elements(at[2], inner), to = elements(at[3], inner);
        each(inner, [&](int n, int c, int h, int w) {
          const auto d = [&](int i) { return static_cast<double>(slope(n, i, h, w)); };
          double through = 0;  // by the scales of those whose window c is in
          const int first = std::max(0, c - by.n / 2);
          const int last = std::min(inner.size[1] - 1, c + (by.n - 1) / 2);
          for (int i = first; i <= last; ++i)
            through +=
                d(i) * static_cast<double>(result(n, i, h, w)) / lrn_scale(by, in, n, i, h, w);
          put(to(n, c, h, w),
              d(c) * std::pow(lrn_scale(by, in, n, c, h, w), -by.beta) -
                  2 * by.alpha * by.beta / by.n * static_cast<double>(in(n, c, h, w)) * through);
        });
      });
}

cudnnStatus_t cudnnBatchNormalizationForwardTraining(
    cudnnHandle_t handle, cudnnBatchNormMode_t /*mode*/, const void* alpha, const void* beta,
    cudnnTensorDescriptor_t of_x, const void* x, cudnnTensorDescriptor_t of_y, void* y,
    cudnnTensorDescriptor_t channels, const void* scale, const void* bias, double share,
    void* running_mean, void* running_variance, double epsilon, void* mean,
    void* inverse_deviation) {
  const bool runs = running_mean != nullptr;
  if (runs != (running_variance != nullptr)) return CUDNN_STATUS_BAD_PARAM;
  std::vector<Access> accesses{access(x, *of_x),
                               access(y, *of_y, true),
                               access(scale, *channels),
                               access(bias, *channels),
                               access(mean, *channels, true),
                               access(inverse_deviation, *channels, true)};
  if (runs) {
    accesses.push_back(access(running_mean, *channels, true));
    accesses.push_back(access(running_variance, *channels, true));
  }
  return launch_dnn(
      handle, "cudnnBatchNormalizationForwardTraining", std::move(accesses),
      [=, from = *of_x, to = *of_y, put = blend(alpha, beta)](auto at) {
        const Elements in = elements(at[0], from), out = elements(at[1], to);
        const Statistics s = statistics(in);
        const double count = from.size[0] * from.size[2] * from.size[3];
        for (int c = 0; c < from.size[1]; ++c) {
          const auto i = static_cast<size_t>(c);
          number(at[4], c) = static_cast<float>(s.mean[i]);
          number(at[5], c) = static_cast<float>(1 / std::sqrt(s.variance[i] + epsilon));
          if (!runs) continue;
          const Blend mix{share, 1 - share};
          mix(number(at[6], c), s.mean[i]);
          mix(number(at[7], c), count > 1 ? s.variance[i] * count / (count - 1) : s.variance[i]);
        }
        each(to, [&](int n, int c, int h, int w) {
          const auto i = static_cast<size_t>(c);
          const double normal = (static_cast<double>(in(n, c, h, w)) - s.mean[i]) /
                                std::sqrt(s.variance[i] + epsilon);
          put(out(n, c, h, w), static_cast<double>(number(at[2], c)) * normal +
                                   static_cast<double>(number(at[3], c)));
        });
      });
}

cudnnStatus_t cudnnBatchNormalizationForwardInference(
    cudnnHandle_t handle, cudnnBatchNormMode_t /*mode*/, const void* alpha, const void* beta,
    cudnnTensorDescriptor_t of_x, const void* x, cudnnTensorDescriptor_t of_y, void* y,
    cudnnTensorDescriptor_t channels, const void* scale, const void* bias, const void* mean,
    const void* variance, double epsilon) {
  return launch_dnn(
      handle, "cudnnBatchNormalizationForwardInference",
      {access(x, *of_x), access(y, *of_y, true), access(scale, *channels), access(bias, *channels),
       access(mean, *channels), access(variance, *channels)},
      [=, from = *of_x, to = *of_y, put = blend(alpha, beta)](auto at) {
        const Elements in = elements(at[0], from), out = elements(at[1], to);
        each(to, [&](int n, int c, int h, int w) {
          const auto of = [&](size_t which) { return static_cast<double>(number(at[which], c)); };
          put(out(n, c, h, w),
              of(2) * (static_cast<double>(in(n, c, h, w)) - of(4)) / std::sqrt(of(5) + epsilon) +
                  of(3));
        });
      });
}

cudnnStatus_t cudnnBatchNormalizationBackward(
    cudnnHandle_t handle, cudnnBatchNormMode_t /*mode*/, const void* alpha, const void* beta,
    const void* alpha_parameters, const void* beta_parameters, cudnnTensorDescriptor_t of_x,
    const void* x, cudnnTensorDescriptor_t of_dy, const void* dy, cudnnTensorDescriptor_t of_dx,
    void* dx, cudnnTensorDescriptor_t channels, const void* scale, void* dscale, void* dbias,
    double /*epsilon*/, const void* mean, const void* inverse_deviation) {
  return launch_dnn(
      handle, "cudnnBatchNormalizationBackward",
      {access(x, *of_x), access(dy, *of_dy), access(dx, *of_dx, true), access(scale, *channels),
       access(dscale, *channels, true), access(dbias, *channels, true), access(mean, *channels),
       access(inverse_deviation, *channels)},
      [=, inner = *of_x, outer = *of_dy, to = *of_dx, put = blend(alpha, beta),
       put_parameter = blend(alpha_parameters, beta_parameters)](auto at) {
        const Elements in = elements(at[0], inner), slope = elements(at[1], outer),
                       out = elements(at[2], to);
        const auto size = static_cast<size_t>(inner.size[1]);
        const double count = inner.size[0] * inner.size[2] * inner.size[3];
        std::vector<double> by_scale(size, 0), by_bias(size, 0);
        const auto normal = [&](int n, int c, int h, int w) {
          return (static_cast<double>(in(n, c, h, w)) - static_cast<double>(number(at[6], c))) *
                 static_cast<double>(number(at[7], c));
        };
        each(inner, [&](int n, int c, int h, int w) {
          const auto d = static_cast<double>(slope(n, c, h, w));
          by_scale[static_cast<size_t>(c)] += d * normal(n, c, h, w);
          by_bias[static_cast<size_t>(c)] += d;
        });
        each(inner, [&](int n, int c, int h, int w) {
          const auto i = static_cast<size_t>(c);
          const double rest = (by_bias[i] + normal(n, c, h, w) * by_scale[i]) / count;
          put(out(n, c, h, w), static_cast<double>(number(at[3], c)) *
                                   static_cast<double>(number(at[7], c)) *
                                   (static_cast<double>(slope(n, c, h, w)) - rest));
        });
        for (int c = 0; c < inner.size[1]; ++c) {
          put_parameter(number(at[4], c), by_scale[static_cast<size_t>(c)]);
          put_parameter(number(at[5], c), by_bias[static_cast<size_t>(c)]);
        }
      });
}

}  // extern "C"
// NOLINTEND(readability-identifier-naming)
