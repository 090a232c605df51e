// SPDX-License-Identifier: Apache-2.0
// What every exported function is made of: the types of its arguments, the way of small calls, and the one wrapper for all others.
// No state.
//
// A function is two: the fast one decodes, checks, compares with the gate and jumps to the host BLAS with the caller's own
// arguments in place; whatever is wrong or large jumps to the slow one, which starts from the arguments again.
#pragma once

#include <cstdint>
#include <type_traits>

#include "blasx/abi/arguments.hpp"
#include "blasx/abi/errors.hpp"
#include "blasx/hostblas/hostblas.hpp"
#include "blasx/offload/offload.hpp"
#include "blasx/tile/call.hpp"

namespace blasx::abi {

using hostblas::Face;
using hostblas::Function;

template <Face F>
using Int = std::conditional_t<hostblas::is_64bit(F), int64_t, int32_t>;

// Elements as C sees them: complex ones travel as void.
template <Type T>
using Real = std::conditional_t<T == Type::S || T == Type::C, float, double>;
template <Type T>
using Element = std::conditional_t<is_complex(T), void, Real<T>>;

// Factors: behind a pointer in Fortran; in CBLAS real ones by value.
template <Routine R, Type T>
inline constexpr bool kRealAlpha = !is_complex(T) || R == Routine::Herk;
template <Routine R, Type T>
inline constexpr bool kRealBeta = kRealAlpha<R, T> || R == Routine::Her2k;
template <bool IsReal, Type T>
using FortranFactor = std::conditional_t<IsReal, Real<T>, void>;
template <bool IsReal, Type T>
using CblasFactor = std::conditional_t<IsReal, Real<T>, const void*>;

template <Type T>
Scalar factor(Real<T> value) {
  return static_cast<double>(value);
}
template <Type T>
Scalar factor(const Real<T>* at) {
  return static_cast<double>(*at);
}
template <Type T>
Scalar factor(const void* at) {
  const auto* parts = static_cast<const Real<T>*>(at);
  return {static_cast<double>(parts[0]), static_cast<double>(parts[1])};
}

// The host's function where the call is right and small, else null.
template <Face F, Routine R, Type T>
BLASX_ALWAYS_INLINE Function host_if_small(const Shape& shape) {
  if (first_error<R>(shape) != 0) [[unlikely]]
    return nullptr;
  if (!offload::stays_on_host(R, T, operations<R, T>(shape))) [[unlikely]]
    return nullptr;
  return hostblas::function(F, R, T);
}

// The call in its normal form, but for matrices and factors.
template <Routine R, Type T>
BlasCall normal_form(const Shape& s) {
  const auto transposed = [](Op op) {
    return !is_complex(T) && op == Op::ConjTrans ? Op::Trans : op;
  };
  BlasCall call;
  call.routine = R;
  call.type = T;
  call.side = s.side;
  call.uplo = s.uplo;
  call.trans_a = transposed(s.trans_a);
  call.trans_b = transposed(s.trans_b);
  call.diag = s.diag;
  call.m = s.m;
  call.n = s.n;
  call.k = s.k;
  call.lda = s.lda;
  call.ldb = s.ldb;
  call.ldc = s.ldc;
  return call;
}

// The host's function with the caller's own arguments: what `context` holds is known to `call` alone.
struct HostCaller {
  void (*call)(const void* context, Function function);
  const void* context;
};

// Decides, runs, falls back. Nothing is thrown past it.
void carry_out(const BlasCall& call, Face face, HostCaller host) noexcept;

// `call_host` takes the host's Function and calls it with the caller's arguments.
template <typename CallHost>
void run(const BlasCall& call, Face face, const CallHost& call_host) noexcept {
  carry_out(call, face,
            {[](const void* context, Function function) {
               (*static_cast<const CallHost*>(context))(function);
             },
             &call_host});
}

}  // namespace blasx::abi

// The address to which the exported function returns, for whose error handler is asked.
#define BLASX_CALLER __builtin_return_address(0)
