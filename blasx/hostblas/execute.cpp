// SPDX-License-Identifier: Apache-2.0
#include "blasx/hostblas/execute.hpp"

#include <algorithm>
#include <climits>
#include <complex>

#include "blasx/hostblas/elements.hpp"

namespace blasx::hostblas {
namespace {

char letter(Op op) { return "NTC"[static_cast<int>(op)]; }
char letter(Side side) { return "LR"[static_cast<int>(side)]; }
char letter(Uplo uplo) { return "UL"[static_cast<int>(uplo)]; }
char letter(Diag diag) { return "NU"[static_cast<int>(diag)]; }

// The types of Fortran's functions; hidden string lengths at the end.
template <typename T, typename S, typename I>
struct Types {
  using Text = const char*;
  using Gemm = void (*)(Text, Text, const I*, const I*, const I*, const S*, const T*, const I*,
                        const T*, const I*, const S*, T*, const I*, size_t, size_t);
  using Gemmt = void (*)(Text, Text, Text, const I*, const I*, const S*, const T*, const I*,
                         const T*, const I*, const S*, T*, const I*, size_t, size_t, size_t);
  using Symm = void (*)(Text, Text, const I*, const I*, const S*, const T*, const I*, const T*,
                        const I*, const S*, T*, const I*, size_t, size_t);
  using Syrk = void (*)(Text, Text, const I*, const I*, const S*, const T*, const I*, const S*, T*,
                        const I*, size_t, size_t);
  template <typename Beta>
  using Syr2k = void (*)(Text, Text, const I*, const I*, const S*, const T*, const I*, const T*,
                         const I*, const Beta*, T*, const I*, size_t, size_t);
  using Trxm = void (*)(Text, Text, Text, Text, const I*, const I*, const S*, const T*, const I*,
                        T*, const I*, size_t, size_t, size_t, size_t);
};

template <typename T>
struct RealOf {
  using Type = T;
};
template <typename R>
struct RealOf<std::complex<R>> {
  using Type = R;
};

template <typename T, typename I>
void run(Function f, const BlasCall& x) {
  using R = typename RealOf<T>::Type;
  using F = Types<T, T, I>;
  const char ta = letter(x.trans_a), tb = letter(x.trans_b), side = letter(x.side),
             uplo = letter(x.uplo), diag = letter(x.diag);
  const I m = static_cast<I>(x.m), n = static_cast<I>(x.n), k = static_cast<I>(x.k);
  const I lda = static_cast<I>(x.lda), ldb = static_cast<I>(x.ldb), ldc = static_cast<I>(x.ldc);
  const T alpha = to_scalar<T>(x.alpha), beta = to_scalar<T>(x.beta);
  const R real_alpha = static_cast<R>(x.alpha.real()), real_beta = static_cast<R>(x.beta.real());
  const T* a = static_cast<const T*>(x.a);
  const T* b = static_cast<const T*>(x.b);
  T* c = static_cast<T*>(x.c);
  switch (x.routine) {
    case Routine::Gemm:
    case Routine::Gemm3m:
      return reinterpret_cast<typename F::Gemm>(f)(&ta, &tb, &m, &n, &k, &alpha, a, &lda, b, &ldb,
                                                   &beta, c, &ldc, 1, 1);
    case Routine::Gemmt:
      return reinterpret_cast<typename F::Gemmt>(f)(&uplo, &ta, &tb, &n, &k, &alpha, a, &lda, b,
                                                    &ldb, &beta, c, &ldc, 1, 1, 1);
    case Routine::Symm:
    case Routine::Hemm:
      return reinterpret_cast<typename F::Symm>(f)(&side, &uplo, &m, &n, &alpha, a, &lda, b, &ldb,
                                                   &beta, c, &ldc, 1, 1);
    case Routine::Syrk:
      return reinterpret_cast<typename F::Syrk>(f)(&uplo, &ta, &n, &k, &alpha, a, &lda, &beta, c,
                                                   &ldc, 1, 1);
    case Routine::Herk:
      return reinterpret_cast<typename Types<T, R, I>::Syrk>(f)(&uplo, &ta, &n, &k, &real_alpha, a,
                                                                &lda, &real_beta, c, &ldc, 1, 1);
    case Routine::Syr2k:
      return reinterpret_cast<typename F::template Syr2k<T>>(f)(&uplo, &ta, &n, &k, &alpha, a, &lda,
                                                                b, &ldb, &beta, c, &ldc, 1, 1);
    case Routine::Her2k:
      return reinterpret_cast<typename F::template Syr2k<R>>(f)(&uplo, &ta, &n, &k, &alpha, a, &lda,
                                                                b, &ldb, &real_beta, c, &ldc, 1, 1);
    case Routine::Trmm:
    case Routine::Trsm:
      return reinterpret_cast<typename F::Trxm>(f)(&side, &uplo, &ta, &diag, &m, &n, &alpha, a,
                                                   &lda, c, &ldc, 1, 1, 1, 1);
  }
}

template <typename I>
void run(Type type, Function f, const BlasCall& call) {
  switch (type) {
    case Type::S:
      return run<float, I>(f, call);
    case Type::D:
      return run<double, I>(f, call);
    case Type::C:
      return run<std::complex<float>, I>(f, call);
    case Type::Z:
      return run<std::complex<double>, I>(f, call);
  }
}

}  // namespace

bool execute(const Library& library, const BlasCall& call) {
  const Function f =
      library.fortran[static_cast<size_t>(call.routine)][static_cast<size_t>(call.type)];
  if (f == nullptr) return false;
  if (library.ilp64) {
    run<int64_t>(call.type, f, call);
    return true;
  }
  const int64_t largest = std::max({call.m, call.n, call.k, call.lda, call.ldb, call.ldc});
  if (largest > INT_MAX) return false;
  run<int32_t>(call.type, f, call);
  return true;
}

}  // namespace blasx::hostblas
