// SPDX-License-Identifier: Apache-2.0
// Arithmetic on elements as Fortran does it (complex products without C's rescue of infinities), and the choice of
// the element type. No state.
#pragma once

#include <complex>
#include <type_traits>
#include <utility>

#include "blasx/tile/call.hpp"

namespace blasx::hostblas {

template <typename T>
inline constexpr bool kIsReal = std::is_floating_point_v<T>;

template <typename T>
T to_scalar(Scalar s) {
  if constexpr (kIsReal<T>)
    return static_cast<T>(s.real());
  else
    return T(static_cast<typename T::value_type>(s.real()),
             static_cast<typename T::value_type>(s.imag()));
}

template <typename T>
T times(T x, T y) {
  if constexpr (kIsReal<T>)
    return x * y;
  else
    return T(x.real() * y.real() - x.imag() * y.imag(), x.real() * y.imag() + x.imag() * y.real());
}

template <typename T>
T conjugate(T x) {
  if constexpr (kIsReal<T>)
    return x;
  else
    return T(x.real(), -x.imag());
}

template <typename T>
T real_part(T x) {
  if constexpr (kIsReal<T>)
    return x;
  else
    return T(x.real(), 0);
}

// Calls f with a value of the element type.
template <typename F>
void with_type(Type type, F&& f) {
  switch (type) {
    case Type::S:
      return std::forward<F>(f)(float{});
    case Type::D:
      return std::forward<F>(f)(double{});
    case Type::C:
      return std::forward<F>(f)(std::complex<float>{});
    case Type::Z:
      return std::forward<F>(f)(std::complex<double>{});
  }
}

}  // namespace blasx::hostblas
