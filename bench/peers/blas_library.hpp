// SPDX-License-Identifier: Apache-2.0
// A BLAS opened by path, so that two of them live in one process without mixing. A BlasLibrary owns nothing: the library
// stays loaded for good.
#pragma once

#include <complex>
#include <string>
#include <type_traits>

namespace blasx::bench {

// Values of the CBLAS enumerations.
enum : int { kColMajor = 102, kNoTrans = 111, kUpper = 121, kNonUnit = 131, kLeft = 141 };

// How CBLAS takes alpha and beta of a type: real ones by value, complex ones by address.
template <typename T>
inline constexpr bool kIsComplex = !std::is_floating_point_v<T>;
template <typename T>
using ScalarArgument = std::conditional_t<kIsComplex<T>, const void*, T>;
template <typename T>
ScalarArgument<T> scalar_argument(const T& value) {
  if constexpr (kIsComplex<T>) {
    return &value;
  } else {
    return value;
  }
}
template <typename T>
using RealOf = decltype(std::abs(T()));

class BlasLibrary {
 public:
  // Throws std::runtime_error with the loader's message.
  explicit BlasLibrary(const std::string& path);

  // "dgemm" is looked up as cblas_dgemm; throws where the library lacks it.
  void* find(const std::string& routine) const;
  template <typename Function>
  Function* as(const std::string& routine) const {
    return reinterpret_cast<Function*>(find(routine));
  }

  // OpenBLAS says which kernels it chose; others say nothing and are named by their path.
  std::string description() const;
  // True where the library could be told.
  bool set_threads(int count) const;

 private:
  std::string path_;
  void* handle_;
};

// One CBLAS level-3 function of each family in one type.
template <typename T>
struct Level3 {
  using A = ScalarArgument<T>;
  using R = std::conditional_t<kIsComplex<T>, RealOf<T>, T>;
  using Gemm = void(int, int, int, int, int, int, A, const T*, int, const T*, int, A, T*, int);
  using Symm = void(int, int, int, int, int, A, const T*, int, const T*, int, A, T*, int);
  using Syrk = void(int, int, int, int, int, A, const T*, int, A, T*, int);
  using Herk = void(int, int, int, int, int, R, const T*, int, R, T*, int);
  using Syr2k = void(int, int, int, int, int, A, const T*, int, const T*, int, A, T*, int);
  using Her2k = void(int, int, int, int, int, A, const T*, int, const T*, int, R, T*, int);
  using Trmm = void(int, int, int, int, int, int, int, A, const T*, int, T*, int);
};

}  // namespace blasx::bench
