// SPDX-License-Identifier: Apache-2.0
// Matrices of one benchmark case and the calls on them, for both libraries alike.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/peers/blas_library.hpp"

namespace blasx::bench {

template <typename T>
class Operands {
 public:
  explicit Operands(int n) : n_(n) {
    const size_t count = static_cast<size_t>(n) * static_cast<size_t>(n);
    for (std::vector<T>* matrix : {&a_, &b_, &original_}) {
      matrix->resize(count);
      for (T& entry : *matrix) entry = random();
    }
    // A dominant diagonal: no triangular solve with it grows.
    for (int i = 0; i < n; ++i)
      a_[static_cast<size_t>(i) * (static_cast<size_t>(n) + 1)] += T(static_cast<RealOf<T>>(n));
    c_ = original_;
  }

  void restore() { c_ = original_; }

  // One call of `family` ("gemm") by `library`. Throws where the type has no such family.
  std::function<void()> call(const BlasLibrary& library, const std::string& name,
                             const std::string& family) {
    using L = Level3<T>;
    const int n = n_;
    const T* a = a_.data();
    const T* b = b_.data();
    T* c = c_.data();
    const auto one = scalar_argument(one_);
    const auto zero = scalar_argument(zero_);
    if (family == "gemm") {
      auto* f = library.as<typename L::Gemm>(name);
      return [=] { f(kColMajor, kNoTrans, kNoTrans, n, n, n, one, a, n, b, n, zero, c, n); };
    }
    if (family == "symm" || family == "hemm") {
      auto* f = library.as<typename L::Symm>(name);
      return [=] { f(kColMajor, kLeft, kUpper, n, n, one, a, n, b, n, zero, c, n); };
    }
    if (family == "syrk") {
      auto* f = library.as<typename L::Syrk>(name);
      return [=] { f(kColMajor, kUpper, kNoTrans, n, n, one, a, n, zero, c, n); };
    }
    if (family == "herk") {
      auto* f = library.as<typename L::Herk>(name);
      return [=] { f(kColMajor, kUpper, kNoTrans, n, n, 1, a, n, 0, c, n); };
    }
    if (family == "syr2k") {
      auto* f = library.as<typename L::Syr2k>(name);
      return [=] { f(kColMajor, kUpper, kNoTrans, n, n, one, a, n, b, n, zero, c, n); };
    }
    if (family == "her2k") {
      auto* f = library.as<typename L::Her2k>(name);
      return [=] { f(kColMajor, kUpper, kNoTrans, n, n, one, a, n, b, n, 0, c, n); };
    }
    if (family == "trmm" || family == "trsm") {
      auto* f = library.as<typename L::Trmm>(name);
      return [=] { f(kColMajor, kLeft, kUpper, kNoTrans, kNonUnit, n, n, one, a, n, c, n); };
    }
    throw std::invalid_argument(family);
  }

  // Largest difference of the two libraries' results over the largest entry; a benchmark of wrong results is none.
  double disagreement(const std::function<void()>& ours, const std::function<void()>& peer) {
    restore();
    peer();
    const std::vector<T> expected = c_;
    restore();
    ours();
    double gap = 0, largest = 0;
    for (size_t i = 0; i < expected.size(); ++i) {
      const double here = std::abs(c_[i] - expected[i]);
      if (!(here <= gap)) gap = here;  // NaN stays
      largest = std::max(largest, static_cast<double>(std::abs(expected[i])));
    }
    return gap / largest;
  }

  // What rounding explains of it: two sums of n terms, each of which may be as large as the largest result.
  double allowed() const {
    return 2.0 * n_ * static_cast<double>(std::numeric_limits<RealOf<T>>::epsilon());
  }

 private:
  T random() {
    std::uniform_real_distribution<double> unit(-1, 1);
    if constexpr (kIsComplex<T>) {
      const auto re = static_cast<RealOf<T>>(unit(generator_));
      return T(re, static_cast<RealOf<T>>(unit(generator_)));
    } else {
      return static_cast<T>(unit(generator_));
    }
  }

  int n_;
  std::mt19937 generator_{1};
  std::vector<T> a_, b_, c_, original_;
  T one_ = T(1), zero_ = T(0);
};

}  // namespace blasx::bench
