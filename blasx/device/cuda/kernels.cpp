// SPDX-License-Identifier: Apache-2.0
#include "blasx/device/cuda/kernels.hpp"

#include <algorithm>

namespace blasx::device::cuda {
namespace {

// cuBLAS's functions by element type; what only complex types have is the symmetric function for real ones.
template <typename T>
struct Blas;

#define BLASX_CUBLAS_TYPE(T, R, x, hemm_, herk_, her2k_) \
  template <>                                            \
  struct Blas<T> {                                       \
    using Real = R;                                      \
    static constexpr auto gemm = cublas##x##gemm;        \
    static constexpr auto symm = cublas##x##symm;        \
    static constexpr auto syrk = cublas##x##syrk;        \
    static constexpr auto syr2k = cublas##x##syr2k;      \
    static constexpr auto trmm = cublas##x##trmm;        \
    static constexpr auto trsm = cublas##x##trsm;        \
    static constexpr auto geam = cublas##x##geam;        \
    static constexpr auto hemm = cublas##x##hemm_;       \
    static constexpr auto herk = cublas##x##herk_;       \
    static constexpr auto her2k = cublas##x##her2k_;     \
  }
BLASX_CUBLAS_TYPE(float, float, S, symm, syrk, syr2k);
BLASX_CUBLAS_TYPE(double, double, D, symm, syrk, syr2k);
BLASX_CUBLAS_TYPE(cuComplex, float, C, hemm, herk, her2k);
BLASX_CUBLAS_TYPE(cuDoubleComplex, double, Z, hemm, herk, her2k);
#undef BLASX_CUBLAS_TYPE

template <typename T>
T scalar(Scalar x) {
  using R = typename Blas<T>::Real;
  if constexpr (std::is_same_v<T, R>)
    return static_cast<R>(x.real());
  else
    return {static_cast<R>(x.real()), static_cast<R>(x.imag())};
}

cublasSideMode_t flag(Side s) { return s == Side::Left ? CUBLAS_SIDE_LEFT : CUBLAS_SIDE_RIGHT; }
cublasFillMode_t flag(Uplo u) {
  return u == Uplo::Upper ? CUBLAS_FILL_MODE_UPPER : CUBLAS_FILL_MODE_LOWER;
}
cublasDiagType_t flag(Diag d) { return d == Diag::Unit ? CUBLAS_DIAG_UNIT : CUBLAS_DIAG_NON_UNIT; }

// The same for a real matrix, where some functions know only T.
template <typename T>
cublasOperation_t flag(Op op) {
  constexpr bool real = std::is_same_v<T, typename Blas<T>::Real>;
  if (op == Op::NoTrans) return CUBLAS_OP_N;
  return op == Op::Trans || real ? CUBLAS_OP_T : CUBLAS_OP_C;
}

bool is_product(tile::Kernel kernel) {
  using tile::Kernel;
  return kernel == Kernel::Gemm || kernel == Kernel::Gemmt || kernel == Kernel::Syrk ||
         kernel == Kernel::Syr2k;
}

bool is_hermitian_product(tile::Kernel kernel) {
  return kernel == tile::Kernel::Herk || kernel == tile::Kernel::Her2k;
}

template <typename T>
class StepOn {
 public:
  StepOn(cublasHandle_t handle, const tile::Step& step, Window a, Window b, Window c)
      : handle_(handle),
        s_(step),
        m_(static_cast<int>(step.m)),
        n_(static_cast<int>(step.n)),
        k_(static_cast<int>(step.k)),
        a_(reinterpret_cast<const T*>(a.data)),
        b_(reinterpret_cast<const T*>(b.data)),
        c_(reinterpret_cast<T*>(c.data)),
        lda_(leading(a)),
        ldb_(leading(b)),
        ldc_(leading(c)) {}

  Status run(const std::byte* zeros) {
    if (m_ <= 0 || n_ <= 0) return {};
    // What cuBLAS does for an empty product it does not say.
    if (s_.kernel == tile::Kernel::Scale || (is_product(s_.kernel) && k_ == 0)) return scale();
    if (is_hermitian_product(s_.kernel) && k_ == 0) return real_diagonal(zeros);
    return product();
  }

 private:
  static int leading(const Window& w) { return static_cast<int>(std::max<int64_t>(1, w.ld)); }

  // C = beta C in place; with beta == 0 neither operand is read.
  Status scale() {
    const T beta = scalar<T>(s_.beta), zero = scalar<T>(0);
    return status_of(Blas<T>::geam(handle_, CUBLAS_OP_N, CUBLAS_OP_N, m_, n_, &beta, c_, ldc_,
                                   &zero, c_, ldc_, c_, ldc_),
                     "geam");
  }

  // C = beta C with a real diagonal: a product with one column of zeros.
  Status real_diagonal(const std::byte* zeros) {
    using R = typename Blas<T>::Real;
    const R one = 1, beta = static_cast<R>(s_.beta.real());
    if constexpr (std::is_same_v<T, R>) return scale();
    return status_of(Blas<T>::herk(handle_, flag(s_.uplo), CUBLAS_OP_N, n_, 1, &one,
                                   reinterpret_cast<const T*>(zeros), n_, &beta, c_, ldc_),
                     "herk");
  }

  Status product() {
    using B = Blas<T>;
    using R = typename B::Real;
    using tile::Kernel;
    const T alpha = scalar<T>(s_.alpha), beta = scalar<T>(s_.beta);
    const R real_alpha = static_cast<R>(s_.alpha.real());
    const R real_beta = static_cast<R>(s_.beta.real());
    const cublasOperation_t ta = flag<T>(s_.trans_a), tb = flag<T>(s_.trans_b);
    const cublasSideMode_t side = flag(s_.side);
    const cublasFillMode_t uplo = flag(s_.uplo);
    switch (s_.kernel) {
      case Kernel::Gemm:
      case Kernel::Gemmt:
        return status_of(
            B::gemm(handle_, ta, tb, m_, n_, k_, &alpha, a_, lda_, b_, ldb_, &beta, c_, ldc_),
            "gemm");
      case Kernel::Symm:
        return status_of(
            B::symm(handle_, side, uplo, m_, n_, &alpha, a_, lda_, b_, ldb_, &beta, c_, ldc_),
            "symm");
      case Kernel::Hemm:
        return status_of(
            B::hemm(handle_, side, uplo, m_, n_, &alpha, a_, lda_, b_, ldb_, &beta, c_, ldc_),
            "hemm");
      case Kernel::Syrk:
        return status_of(B::syrk(handle_, uplo, ta, n_, k_, &alpha, a_, lda_, &beta, c_, ldc_),
                         "syrk");
      case Kernel::Herk:
        return status_of(
            B::herk(handle_, uplo, ta, n_, k_, &real_alpha, a_, lda_, &real_beta, c_, ldc_),
            "herk");
      case Kernel::Syr2k:
        return status_of(
            B::syr2k(handle_, uplo, ta, n_, k_, &alpha, a_, lda_, b_, ldb_, &beta, c_, ldc_),
            "syr2k");
      case Kernel::Her2k:
        return status_of(
            B::her2k(handle_, uplo, ta, n_, k_, &alpha, a_, lda_, b_, ldb_, &real_beta, c_, ldc_),
            "her2k");
      case Kernel::Trmm:
        return status_of(B::trmm(handle_, side, uplo, ta, flag(s_.diag), m_, n_, &alpha, a_, lda_,
                                 c_, ldc_, c_, ldc_),
                         "trmm");
      case Kernel::Trsm:
        return status_of(
            B::trsm(handle_, side, uplo, ta, flag(s_.diag), m_, n_, &alpha, a_, lda_, c_, ldc_),
            "trsm");
      case Kernel::Scale:
        return scale();
    }
    return Status(StatusCode::Internal, "no such kernel");
  }

  cublasHandle_t handle_;
  const tile::Step& s_;
  int m_, n_, k_;
  const T* a_;
  const T* b_;
  T* c_;
  int lda_, ldb_, ldc_;
};

}  // namespace

Status run_step(cublasHandle_t handle, Type type, const tile::Step& step, Window a, Window b,
                Window c, const std::byte* zeros) {
  switch (type) {
    case Type::S:
      return StepOn<float>(handle, step, a, b, c).run(zeros);
    case Type::D:
      return StepOn<double>(handle, step, a, b, c).run(zeros);
    case Type::C:
      return StepOn<cuComplex>(handle, step, a, b, c).run(zeros);
    case Type::Z:
      return StepOn<cuDoubleComplex>(handle, step, a, b, c).run(zeros);
  }
  return Status(StatusCode::Internal, "no such type");
}

Status write_zeros(cublasHandle_t handle, std::byte* memory) {
  tile::Step step;
  step.kernel = tile::Kernel::Scale;
  step.m = kZeroBytes / element_bytes(Type::Z);
  step.n = 1;
  step.beta = 0;
  return run_step(handle, Type::Z, step, {}, {}, {memory, step.m}, nullptr);
}

}  // namespace blasx::device::cuda
