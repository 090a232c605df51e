// SPDX-License-Identifier: Apache-2.0
#include "blasx/hostblas/kernels.hpp"

#include <algorithm>
#include <vector>

#include "blasx/hostblas/builtin.hpp"
#include "blasx/hostblas/elements.hpp"
#include "blasx/hostblas/execute.hpp"
#include "blasx/hostblas/host_threads.hpp"
#include "blasx/hostblas/hostblas.hpp"
#include "blasx/hostblas/library_use.hpp"
#include "blasx/hostblas/trsm.hpp"

namespace blasx::hostblas {
namespace {

// Sizes beyond 32-bit integers go to a library with 64-bit ones, if there is one.
void run_on(const Library& library, const BlasCall& call) {
  if (execute(library, call)) return;
  if (library.kind != Kind::Builtin && !library.ilp64 &&
      library.fortran[static_cast<size_t>(call.routine)][static_cast<size_t>(call.type)] !=
          nullptr &&
      execute(resolve(Face::Fortran64), call))
    return;
  run_builtin(call);
}

// A gemmt by the library's gemm: rectangles beside the diagonal directly, blocks on it through scratch memory, of which only
// the triangle is copied.
template <typename T>
void gemmt_by_gemm(const Library& library, const BlasCall& x) {
  constexpr int64_t kBlock = 256;
  const bool upper = x.uplo == Uplo::Upper;
  const auto rows_of = [&](int64_t i) {
    return static_cast<const T*>(x.a) + (x.trans_a == Op::NoTrans ? i : i * x.lda);
  };
  const auto columns_of = [&](int64_t j) {
    return static_cast<const T*>(x.b) + (x.trans_b == Op::NoTrans ? j * x.ldb : j);
  };
  T* c = static_cast<T*>(x.c);
  std::vector<T> block;
  for (int64_t j = 0; j < x.n; j += kBlock) {
    const int64_t size = std::min(kBlock, x.n - j);
    BlasCall g = x;
    g.routine = Routine::Gemm;
    g.n = size;
    g.b = columns_of(j);
    const int64_t first = upper ? 0 : j + size;
    g.m = upper ? j : x.n - first;
    if (g.m > 0) {
      g.a = rows_of(first);
      g.c = c + first + j * x.ldc;
      run_on(library, g);
    }
    block.resize(static_cast<size_t>(size * size));
    g.m = size;
    g.a = rows_of(j);
    g.c = block.data();
    g.ldc = size;
    g.beta = 0.0;
    run_on(library, g);
    const T beta = to_scalar<T>(x.beta);
    for (int64_t q = 0; q < size; ++q) {
      T* column = c + j + (j + q) * x.ldc;
      const T* product = block.data() + q * size;
      const int64_t end = upper ? q + 1 : size;
      for (int64_t i = upper ? 0 : q; i < end; ++i)
        column[i] = beta == T(0) ? product[i] : product[i] + times(beta, column[i]);
    }
  }
}

bool has(const Library& library, Routine routine, Type type) {
  return library.fortran[static_cast<size_t>(routine)][static_cast<size_t>(type)] != nullptr;
}

void run_general(const Library& library, BlasCall call) {
  if (call.routine == Routine::Gemm3m && !has(library, Routine::Gemm3m, call.type))
    call.routine = Routine::Gemm;
  if (call.routine == Routine::Gemmt && !has(library, Routine::Gemmt, call.type) &&
      has(library, Routine::Gemm, call.type)) {
    return with_type(call.type, [&]<typename T>(T) { gemmt_by_gemm<T>(library, call); });
  }
  run_on(library, call);
}

Routine routine_of(tile::Kernel kernel) {
  using tile::Kernel;
  switch (kernel) {
    case Kernel::Gemm:
    case Kernel::Scale:
      return Routine::Gemm;
    case Kernel::Gemmt:
      return Routine::Gemmt;
    case Kernel::Symm:
      return Routine::Symm;
    case Kernel::Hemm:
      return Routine::Hemm;
    case Kernel::Syrk:
      return Routine::Syrk;
    case Kernel::Herk:
      return Routine::Herk;
    case Kernel::Syr2k:
      return Routine::Syr2k;
    case Kernel::Her2k:
      return Routine::Her2k;
    case Kernel::Trmm:
      return Routine::Trmm;
    case Kernel::Trsm:
      return Routine::Trsm;
  }
  return Routine::Gemm;
}

}  // namespace

void run_step(Type type, const tile::Step& step, const void* a, int64_t lda, const void* b,
              int64_t ldb, void* c, int64_t ldc) {
  BlasCall call;
  call.routine = routine_of(step.kernel);
  call.type = type;
  call.side = step.side;
  call.uplo = step.uplo;
  call.trans_a = step.trans_a;
  call.trans_b = step.trans_b;
  call.diag = step.diag;
  call.m = step.m;
  call.n = step.n;
  call.k = step.kernel == tile::Kernel::Scale ? 0 : step.k;
  call.alpha = step.alpha;
  call.beta = step.beta;
  call.a = a;
  call.b = b;
  call.c = c;
  call.lda = std::max<int64_t>(1, lda);
  call.ldb = std::max<int64_t>(1, ldb);
  call.ldc = std::max<int64_t>(1, ldc);
  if (run_degenerate(call)) return;
  const LibraryUse use;
  if (!use.allowed()) return run_builtin(call);
  const Library& library = kernel_library();
  const InsideGuard inside;
  const ThreadLocalSingle single;
  if (call.routine == Routine::Trsm) return run_trsm(library, call);
  run_general(library, call);
}

void run_call(const BlasCall& call) {
  if (run_degenerate(call)) return;
  const InsideGuard inside;
  run_general(kernel_library(), call);
}

}  // namespace blasx::hostblas
