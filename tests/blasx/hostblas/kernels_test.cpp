// SPDX-License-Identifier: Apache-2.0
// Kernels of every family, type and flag, on each host BLAS of the machine and on the built-in one.
#include "blasx/hostblas/kernels.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "blasx/hostblas/builtin.hpp"
#include "blasx/hostblas/hostblas.hpp"
#include "call_cases.hpp"
#include "with_host.hpp"

namespace blasx::hostblas {
namespace {

tile::Kernel kernel_of(Routine r) {
  using tile::Kernel;
  switch (r) {
    case Routine::Gemm:
    case Routine::Gemm3m:
      return Kernel::Gemm;
    case Routine::Gemmt:
      return Kernel::Gemmt;
    case Routine::Symm:
      return Kernel::Symm;
    case Routine::Hemm:
      return Kernel::Hemm;
    case Routine::Syrk:
      return Kernel::Syrk;
    case Routine::Herk:
      return Kernel::Herk;
    case Routine::Syr2k:
      return Kernel::Syr2k;
    case Routine::Her2k:
      return Kernel::Her2k;
    case Routine::Trmm:
      return Kernel::Trmm;
    case Routine::Trsm:
      return Kernel::Trsm;
  }
  return Kernel::Scale;
}

void run_as_step(const BlasCall& call) {
  tile::Step step;
  step.kernel = kernel_of(call.routine);
  step.side = call.side, step.uplo = call.uplo, step.diag = call.diag;
  step.trans_a = call.trans_a, step.trans_b = call.trans_b;
  step.m = call.m, step.n = call.n, step.k = call.k;
  step.alpha = call.alpha, step.beta = call.beta;
  run_step(call.type, step, call.a, call.lda, call.b, call.ldb, call.c, call.ldc);
}

template <typename Run>
void check(const BlasCall& call, Run run) {
  with_type(call.type, [&]<typename T>(T) { Case<T>(call).check(run); });
}

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

class Kernels : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (!host_.use(GetParam())) GTEST_SKIP() << GetParam() << " is not on this machine";
  }
  WithHost host_;
};

INSTANTIATE_TEST_SUITE_P(EachHost, Kernels,
                         testing::Values("libopenblas.so.0", "libblis.so.4", "libblas.so.3",
                                         "builtin"),
                         [](const auto& p) {
                           std::string name = p.param;
                           for (char& c : name)
                             if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
                           return name;
                         });

TEST_P(Kernels, EveryFamilyTypeAndFlag) {
  all_routines([](Routine r, Type t) {
    all_flags(r, t, 21, 17, 13, [](const BlasCall& call) { check(call, run_as_step); });
  });
}

TEST_P(Kernels, WholeCallsInNormalForm) {
  all_routines([](Routine r, Type t) {
    all_flags(r, t, 9, 11, 7, [](const BlasCall& call) { check(call, run_call); });
  });
}

// Sizes that reach the recursion of trsm, its solver's full width and every remainder.
TEST_P(Kernels, TrsmOfEverySize) {
  for (const Type t : {Type::S, Type::D}) {
    for (const auto& [side, other] :
         {std::pair{16, 16}, {33, 49}, {64, 48}, {100, 31}, {289, 50}, {530, 17}}) {
      for (const Side s : {Side::Left, Side::Right}) {
        all_flags(Routine::Trsm, t, s == Side::Left ? side : other, s == Side::Left ? other : side,
                  0, [&](const BlasCall& call) {
                    const bool conjugated = call.trans_a == Op::ConjTrans;
                    if (call.side == s && !conjugated) check(call, run_as_step);
                  });
      }
    }
  }
}

TEST_P(Kernels, GemmtOfSeveralBlocks) {
  all_flags(Routine::Gemmt, Type::D, 300, 300, 5, [](BlasCall call) { check(call, run_as_step); });
}

TEST_P(Kernels, BetaZeroDoesNotReadC) {
  all_routines([](Routine r, Type t) {
    if (r == Routine::Trmm || r == Routine::Trsm) return;
    all_flags(r, t, 8, 6, 5, [](BlasCall call) {
      call.beta = 0.0;
      with_type(call.type, [&]<typename T>(T) {
        Case<T> clean(call), dirty(call);
        run_as_step(clean.call());
        for (int64_t j = 0; j < call.n; ++j)
          for (int64_t i = 0; i < call.m; ++i)
            dirty.c()[static_cast<size_t>(i + j * dirty.call().ldc)] = T(static_cast<float>(kNan));
        run_as_step(dirty.call());
        for (int64_t j = 0; j < call.n; ++j) {
          for (int64_t i = 0; i < call.m; ++i) {
            const auto at = static_cast<size_t>(i + j * dirty.call().ldc);
            const bool written = (call.uplo == Uplo::Upper ? i <= j : i >= j) ||
                                 call.routine == Routine::Gemm || call.routine == Routine::Gemm3m ||
                                 call.routine == Routine::Symm || call.routine == Routine::Hemm;
            if (written)
              ASSERT_EQ(clean.c()[at], dirty.c()[at]) << describe(call) << " " << i << "," << j;
            else
              ASSERT_NE(dirty.c()[at], dirty.c()[at]) << describe(call) << " " << i << "," << j;
          }
        }
      });
    });
  });
}

TEST_P(Kernels, AlphaZeroAndNoInnerDimensionReadNeitherANorB) {
  all_routines([](Routine r, Type t) {
    for (const bool no_depth : {false, true}) {
      all_flags(r, t, 8, 6, 5, [&](BlasCall call) {
        if (no_depth && call.k == 0) return;
        if (no_depth)
          call.k = 0;
        else
          call.alpha = 0.0;
        check(call, [](BlasCall with_nothing) {
          with_nothing.a = with_nothing.b = nullptr;
          run_as_step(with_nothing);
        });
      });
    }
  });
}

TEST_P(Kernels, HermitianDiagonalBecomesRealButForAQuickReturn) {
  BlasCall call;
  call.routine = Routine::Herk, call.type = Type::Z;
  call.m = call.n = 4, call.k = 0, call.beta = 1.0;
  Case<std::complex<double>> untouched(call);
  const auto before = untouched.c();
  run_as_step(untouched.call());
  EXPECT_EQ(untouched.c(), before);
  call.beta = 0.5;
  Case<std::complex<double>> scaled(call);
  run_as_step(scaled.call());
  for (size_t j = 0; j < 4; ++j)
    EXPECT_EQ(scaled.c()[j + j * static_cast<size_t>(scaled.call().ldc)].imag(), 0);
}

TEST_P(Kernels, UnitDiagonalAndTheOtherTriangleAreNotRead) {
  for (const Routine r : {Routine::Trmm, Routine::Trsm}) {
    for (const int64_t size : {5, 40}) {
      all_flags(r, Type::D, size, size, 0, [&](BlasCall call) {
        Case<double> clean(call), dirty(call);
        for (int64_t j = 0; j < size; ++j) {
          for (int64_t i = 0; i < size; ++i) {
            const bool other = call.uplo == Uplo::Upper ? i > j : i < j;
            if (other || (i == j && call.diag == Diag::Unit))
              dirty.a()[static_cast<size_t>(i + j * dirty.call().lda)] = kNan;
          }
        }
        run_as_step(clean.call());
        run_as_step(dirty.call());
        ASSERT_EQ(clean.c(), dirty.c()) << describe(call);
      });
    }
  }
}

TEST(Scale, KeepsToItsRegion) {
  std::vector<double> c(5 * 4, kNan);
  scale(Type::D, tile::Region::Lower, 4, 4, 0.0, c.data(), 5);
  for (size_t j = 0; j < 4; ++j)
    for (size_t i = 0; i < 5; ++i) {
      if (i >= j && i < 4)
        EXPECT_EQ(c[i + 5 * j], 0.0);
      else
        EXPECT_NE(c[i + 5 * j], c[i + 5 * j]);
    }
}

TEST(Builtin, EveryFamilyTypeAndFlagPastItsBlocks) {
  all_routines([](Routine r, Type t) {
    all_flags(r, t, 70, 67, 66, [](const BlasCall& call) { check(call, run_builtin); });
  });
}

}  // namespace
}  // namespace blasx::hostblas
