// SPDX-License-Identifier: Apache-2.0
#include "tests/stress/exact.hpp"

#include <cstring>
#include <functional>
#include <random>

namespace blasx::stress {
namespace {

template <typename T>
using Matrix = std::vector<T>;

// Entry (row, column), column-major.
template <typename T>
T& at(Matrix<T>& m, int n, int row, int column) {
  return m[static_cast<size_t>(column) * static_cast<size_t>(n) + static_cast<size_t>(row)];
}
template <typename T>
const T& at(const Matrix<T>& m, int n, int row, int column) {
  return m[static_cast<size_t>(column) * static_cast<size_t>(n) + static_cast<size_t>(row)];
}

template <typename T>
Matrix<T> product(const Matrix<T>& x, const Matrix<T>& y, int n) {
  Matrix<T> z(x.size());
  for (int j = 0; j < n; ++j) {
    for (int k = 0; k < n; ++k) {
      const T factor = at(y, n, k, j);
      for (int i = 0; i < n; ++i) at(z, n, i, j) += at(x, n, i, k) * factor;
    }
  }
  return z;
}

template <typename T>
Matrix<T> transposed(const Matrix<T>& x, int n) {
  Matrix<T> z(x.size());
  for (int j = 0; j < n; ++j) {
    for (int i = 0; i < n; ++i) {
      if constexpr (std::is_floating_point_v<T>) {
        at(z, n, j, i) = at(x, n, i, j);
      } else {
        at(z, n, j, i) = std::conj(at(x, n, i, j));
      }
    }
  }
  return z;
}

// `z` where the triangle is, `other` elsewhere.
template <typename T>
Matrix<T> triangle(const Matrix<T>& z, const Matrix<T>& other, int n, bool upper) {
  Matrix<T> result = other;
  for (int j = 0; j < n; ++j) {
    for (int i = 0; i < n; ++i) {
      if (upper ? i <= j : i >= j) at(result, n, i, j) = at(z, n, i, j);
    }
  }
  return result;
}

template <typename T>
Matrix<T> sum(Matrix<T> x, const Matrix<T>& y) {
  for (size_t i = 0; i < x.size(); ++i) x[i] += y[i];
  return x;
}

Matrix<double> symmetric(const Matrix<double>& a, int n) {
  Matrix<double> full = a;
  for (int j = 0; j < n; ++j) {
    for (int i = j + 1; i < n; ++i) at(full, n, i, j) = at(a, n, j, i);
  }
  return full;
}

// Starts each run from `before`, calls, and compares with `after` bit for bit.
template <typename T>
class ExactJob : public Job {
 public:
  using Call = std::function<void(const Calls&, T*)>;

  ExactJob(const char* name, Matrix<T> before, Matrix<T> after, Call call)
      : name_(name), before_(std::move(before)), after_(std::move(after)), call_(std::move(call)) {}

  const char* name() const override { return name_; }

  bool run(const Calls& calls) override {
    c_ = before_;
    call_(calls, c_.data());
    return c_ == after_;
  }

 private:
  const char* name_;
  Matrix<T> before_, after_, c_;
  Call call_;
};

template <typename T>
std::unique_ptr<Job> job(const char* name, Matrix<T> before, Matrix<T> after,
                         typename ExactJob<T>::Call call) {
  return std::make_unique<ExactJob<T>>(name, std::move(before), std::move(after), std::move(call));
}

}  // namespace

Inputs::Inputs(int order) : n(order) {
  const size_t count = static_cast<size_t>(n) * static_cast<size_t>(n);
  std::mt19937 generator(7);
  std::uniform_int_distribution<int> entry(-2, 2);
  for (Matrix<double>* matrix : {&a, &b}) {
    matrix->resize(count);
    for (double& value : *matrix) value = entry(generator);
  }
  as.assign(a.begin(), a.end());
  bs.assign(b.begin(), b.end());
  for (size_t i = 0; i < count; ++i) az.emplace_back(a[i], b[i]);
  unit.assign(count, 0);
  for (int i = 0; i < n; ++i) at(unit, n, i, i) = 1;
  for (int j = 0; j < n / 2; ++j) {
    for (int i = n / 2; i < n; ++i) at(unit, n, i, j) = entry(generator);
  }
}

std::unique_ptr<Job> make_job(Kind kind, const Inputs& in) {
  const int n = in.n;
  const Inputs* p = &in;
  switch (kind) {
    case Kind::Dgemm:
      return job<double>("dgemm", in.a, sum(product(in.a, in.b, n), in.a),
                         [=](const Calls& calls, double* c) {
                           calls.dgemm(kColMajor, kNoTrans, kNoTrans, n, n, n, 1, p->a.data(), n,
                                       p->b.data(), n, 1, c, n);
                         });
    case Kind::Sgemm:  // row-major: the transposes in column-major terms
      return job<float>("sgemm", in.as, product(in.bs, transposed(in.as, n), n),
                        [=](const Calls& calls, float* c) {
                          calls.sgemm(kRowMajor, kTrans, kNoTrans, n, n, n, 1, p->as.data(), n,
                                      p->bs.data(), n, 0, c, n);
                        });
    case Kind::Zherk:
      return job<std::complex<double>>(
          "zherk", in.az, triangle(product(in.az, transposed(in.az, n), n), in.az, n, true),
          [=](const Calls& calls, std::complex<double>* c) {
            calls.zherk(kColMajor, kUpper, kNoTrans, n, n, 1, p->az.data(), n, 0, c, n);
          });
    case Kind::Dsyrk:
      return job<double>("dsyrk", in.b,
                         triangle(product(transposed(in.a, n), in.a, n), in.b, n, false),
                         [=](const Calls& calls, double* c) {
                           calls.dsyrk(kColMajor, kLower, kTrans, n, n, 1, p->a.data(), n, 0, c, n);
                         });
    case Kind::Dsyr2k: {
      const auto both =
          sum(product(in.a, transposed(in.b, n), n), product(in.b, transposed(in.a, n), n));
      return job<double>("dsyr2k", in.b, triangle(both, in.b, n, true),
                         [=](const Calls& calls, double* c) {
                           calls.dsyr2k(kColMajor, kUpper, kNoTrans, n, n, 1, p->a.data(), n,
                                        p->b.data(), n, 0, c, n);
                         });
    }
    case Kind::Dsymm:
      return job<double>(
          "dsymm", in.a, product(symmetric(in.a, n), in.b, n), [=](const Calls& calls, double* c) {
            calls.dsymm(kColMajor, kLeft, kUpper, n, n, 1, p->a.data(), n, p->b.data(), n, 0, c, n);
          });
    case Kind::Dtrmm: {
      const Matrix<double> zero(in.a.size());
      return job<double>("dtrmm", in.b, product(triangle(in.a, zero, n, true), in.b, n),
                         [=](const Calls& calls, double* c) {
                           calls.dtrmm(kColMajor, kLeft, kUpper, kNoTrans, kNonUnit, n, n, 1,
                                       p->a.data(), n, c, n);
                         });
    }
    case Kind::Dtrsm:
      return job<double>("dtrsm", product(in.unit, in.b, n), in.b,
                         [=](const Calls& calls, double* c) {
                           calls.dtrsm(kColMajor, kLeft, kLower, kNoTrans, kUnit, n, n, 1,
                                       p->unit.data(), n, c, n);
                         });
  }
  return nullptr;
}

}  // namespace blasx::stress
