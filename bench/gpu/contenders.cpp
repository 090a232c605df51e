// SPDX-License-Identifier: Apache-2.0
#include "bench/gpu/contenders.hpp"

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <type_traits>

#include "bench/gpu/cublas_call.hpp"

namespace blasx::bench {
namespace {

// Both precisions from one template `call<T>`.
template <typename Self>
class OfBothTypes : public Contender {
 public:
  void run(Family family, Problem<float>& p) override { self().template call<float>(family, p); }
  void run(Family family, Problem<double>& p) override { self().template call<double>(family, p); }

 private:
  Self& self() { return static_cast<Self&>(*this); }
};

class Ours final : public OfBothTypes<Ours> {
 public:
  explicit Ours(const std::string& path) : library_(path) {}
  std::string name() const override { return "libblasx"; }

  template <typename T>
  void call(Family family, Problem<T>& p) {
    using L = Level3<T>;
    const int n = p.n();
    const std::string name = routine_name<T>(family);
    const T *a = p.a(), *b = p.b();
    T* c = p.c();
    switch (family) {
      case Family::Gemm:
        return library_.as<typename L::Gemm>(name)(kColMajor, kNoTrans, kNoTrans, n, n, n, 1, a, n,
                                                   b, n, 0, c, n);
      case Family::Symm:
        return library_.as<typename L::Symm>(name)(kColMajor, kLeft, kUpper, n, n, 1, a, n, b, n, 0,
                                                   c, n);
      case Family::Syrk:
        return library_.as<typename L::Syrk>(name)(kColMajor, kUpper, kNoTrans, n, n, 1, a, n, 0, c,
                                                   n);
      case Family::Syr2k:
        return library_.as<typename L::Syr2k>(name)(kColMajor, kUpper, kNoTrans, n, n, 1, a, n, b,
                                                    n, 0, c, n);
      case Family::Trmm:
      case Family::Trsm:
        return library_.as<typename L::Trmm>(name)(kColMajor, kLeft, kUpper, kNoTrans, kNonUnit, n,
                                                   n, 1, a, n, c, n);
    }
  }

 private:
  BlasLibrary library_;
};

// cuBLASXt's interface, in the parts used here; sizes are size_t.
using XtHandle = void*;
template <typename T>
struct Xt {
  using S = cublasStatus_t;
  using Op = cublasOperation_t;
  using Side = cublasSideMode_t;
  using Uplo = cublasFillMode_t;
  using Diag = cublasDiagType_t;
  using N = size_t;
  using Gemm = S(XtHandle, Op, Op, N, N, N, const T*, const T*, N, const T*, N, const T*, T*, N);
  using Symm = S(XtHandle, Side, Uplo, N, N, const T*, const T*, N, const T*, N, const T*, T*, N);
  using Syrk = S(XtHandle, Uplo, Op, N, N, const T*, const T*, N, const T*, T*, N);
  using Syr2k = S(XtHandle, Uplo, Op, N, N, const T*, const T*, N, const T*, N, const T*, T*, N);
  using Trmm = S(XtHandle, Side, Uplo, Op, Diag, N, N, const T*, const T*, N, const T*, N, T*, N);
  using Trsm = S(XtHandle, Side, Uplo, Op, Diag, N, N, const T*, const T*, N, T*, N);
};

class CublasXt final : public OfBothTypes<CublasXt> {
 public:
  CublasXt(const OpenedLibrary& library, const XtSettings& settings) : library_(library) {
    need(f<cublasStatus_t(XtHandle*)>("cublasXtCreate")(&handle_), "cublasXtCreate");
    int gpu = 0;
    need(f<cublasStatus_t(XtHandle, int, int*)>("cublasXtDeviceSelect")(handle_, 1, &gpu),
         "cublasXtDeviceSelect");
    need(f<cublasStatus_t(XtHandle, int)>("cublasXtSetBlockDim")(handle_, settings.tile),
         "cublasXtSetBlockDim");
    need(f<cublasStatus_t(XtHandle, int)>("cublasXtSetPinningMemMode")(handle_,
                                                                       settings.pin ? 1 : 0),
         "cublasXtSetPinningMemMode");
  }
  ~CublasXt() override { (void)f<cublasStatus_t(XtHandle)>("cublasXtDestroy")(handle_); }
  CublasXt(const CublasXt&) = delete;
  CublasXt& operator=(const CublasXt&) = delete;
  std::string name() const override { return "cuBLASXt"; }

  template <typename T>
  void call(Family family, Problem<T>& p) {
    const std::string type = std::is_same_v<T, float> ? "S" : "D";
    const std::string name = "cublasXt" + type + name_of(family);
    need(call_cublas<Xt<T>, T>(library_, name, family, handle_, static_cast<size_t>(p.n()), p.a(),
                               p.b(), p.c(), p.c()),
         name.c_str());
  }

 private:
  template <typename Function>
  Function* f(const std::string& name) const {
    return library_.function<Function>(name);
  }
  const OpenedLibrary& library_;
  XtHandle handle_ = nullptr;
};

// Fortran names only.
class Nvblas final : public OfBothTypes<Nvblas> {
 public:
  Nvblas(OpenedLibrary library, std::string settings_file)
      : library_(std::move(library)), settings_file_(std::move(settings_file)) {}
  ~Nvblas() override { unlink(settings_file_.c_str()); }
  Nvblas(const Nvblas&) = delete;
  Nvblas& operator=(const Nvblas&) = delete;
  std::string name() const override { return "NVBLAS"; }

  template <typename T>
  void call(Family family, Problem<T>& p) {
    using I = const int*;
    using C = const char*;
    using M = const T*;
    using Z = size_t;  // lengths of the characters
    const int n = p.n();
    const T one = 1, zero = 0, *a = p.a(), *b = p.b();
    T* c = p.c();
    const std::string name = routine_name<T>(family) + "_";
    switch (family) {
      case Family::Gemm:
        return f<void(C, C, I, I, I, M, M, I, M, I, M, T*, I, Z, Z)>(name)(
            "N", "N", &n, &n, &n, &one, a, &n, b, &n, &zero, c, &n, 1, 1);
      case Family::Symm:
        return f<void(C, C, I, I, M, M, I, M, I, M, T*, I, Z, Z)>(name)(
            "L", "U", &n, &n, &one, a, &n, b, &n, &zero, c, &n, 1, 1);
      case Family::Syrk:
        return f<void(C, C, I, I, M, M, I, M, T*, I, Z, Z)>(name)("U", "N", &n, &n, &one, a, &n,
                                                                  &zero, c, &n, 1, 1);
      case Family::Syr2k:
        return f<void(C, C, I, I, M, M, I, M, I, M, T*, I, Z, Z)>(name)(
            "U", "N", &n, &n, &one, a, &n, b, &n, &zero, c, &n, 1, 1);
      case Family::Trmm:
      case Family::Trsm:
        return f<void(C, C, C, C, I, I, M, M, I, T*, I, Z, Z, Z, Z)>(name)(
            "L", "U", "N", "N", &n, &n, &one, a, &n, c, &n, 1, 1, 1, 1);
    }
  }

 private:
  template <typename Function>
  Function* f(const std::string& name) const {
    return library_.function<Function>(name);
  }
  OpenedLibrary library_;
  std::string settings_file_;  // read at the first call
};

}  // namespace

std::unique_ptr<Contender> open_ours(const std::string& path) {
  return std::make_unique<Ours>(path);
}

std::unique_ptr<Contender> open_xt(const CudaLibraries& cuda, const XtSettings& settings) {
  if (cuda.cublas.symbol("cublasXtCreate") == nullptr) return nullptr;
  return std::make_unique<CublasXt>(cuda.cublas, settings);
}

std::unique_ptr<Contender> open_nvblas(const XtSettings& settings, const std::string& host_blas,
                                       std::string& reason) {
  if (host_blas.empty()) {
    reason = "NVBLAS needs a host BLAS with Fortran names; --host-blas names one";
    return nullptr;
  }
  const std::string path = "/tmp/nvblas-" + std::to_string(getpid()) + ".conf";
  std::ofstream(path) << "NVBLAS_CPU_BLAS_LIB " << host_blas
                      << "\nNVBLAS_GPU_LIST 0\nNVBLAS_TILE_DIM " << settings.tile
                      << "\nNVBLAS_LOGFILE /dev/null\n"
                      << (settings.pin ? "NVBLAS_AUTOPIN_MEM_ENABLED\n" : "");
  setenv("NVBLAS_CONFIG_FILE", path.c_str(), 1);
  OpenedLibrary library("libnvblas.so");
  if (!library.there() || library.symbol("dgemm_") == nullptr) {
    unlink(path.c_str());
    reason = "there is no libnvblas.so, or it does not start";
    return nullptr;
  }
  return std::make_unique<Nvblas>(std::move(library), path);
}

}  // namespace blasx::bench
