// SPDX-License-Identifier: Apache-2.0
// Kernels of every family, type and flag, on each host BLAS of the machine and on the built-in one. The cases hold NaN in
// whatever may not be read, so that special cases of alpha, beta and k are seen by the same check.
#include "blasx/hostblas/kernels.hpp"

#include <gtest/gtest.h>

#include <cctype>
#include <limits>
#include <string>
#include <vector>

#include "blasx/hostblas/builtin.hpp"
#include "blasx/hostblas/elements.hpp"
#include "blasx/hostblas/hostblas.hpp"
#include "tests/support/call_case.hpp"
#include "tests/support/flags.hpp"
#include "with_host.hpp"

namespace blasx::hostblas {
namespace {

using support::CallCase;

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

struct Size {
  int64_t m, n, k;
};

// All flags of a routine and type at one size; alpha and beta are real where the routine says so.
template <typename Run>
void check(Routine r, Type t, Size size, Scalar alpha, Scalar beta, Run run) {
  for (BlasCall call : support::all_flags(r, t)) {
    call.m = support::writes_triangle(r) ? size.n : size.m;
    call.n = size.n;
    call.k = support::has_inner_dimension(r) ? size.k : 0;
    const bool real = !is_complex(t);
    call.alpha = real || r == Routine::Herk ? Scalar(alpha.real()) : alpha;
    call.beta = real || r == Routine::Herk || r == Routine::Her2k ? Scalar(beta.real()) : beta;
    if (support::is_triangular(r)) call.beta = 0.0;
    with_type(t, [&]<typename T>(T) {
      CallCase<T> c(call, 3, 11);
      run(c.call);
      c.check(4);
    });
    if (testing::Test::HasFailure()) return;
  }
}

template <typename F>
void every_routine(F each) {
  for (int r = 0; r < kRoutineCount; ++r)
    for (int t = 0; t < kTypeCount; ++t)
      if (support::exists(static_cast<Routine>(r), static_cast<Type>(t)))
        each(static_cast<Routine>(r), static_cast<Type>(t));
}

const Scalar kAlpha(0.75, -0.5), kBeta(-1.25, 0.25);

class Kernels : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (!host_.use(GetParam())) GTEST_SKIP() << GetParam() << " is not on this machine";
  }
  WithHost host_;
};

INSTANTIATE_TEST_SUITE_P(EachHost, Kernels,
                         testing::Values("libopenblas.so.0", "libblis.so.4", "reference",
                                         "builtin"),
                         [](const auto& p) {
                           std::string name = p.param;
                           for (char& c : name)
                             if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
                           return name;
                         });

TEST_P(Kernels, EveryFamilyTypeAndFlag) {
  every_routine([](Routine r, Type t) { check(r, t, {21, 17, 13}, kAlpha, kBeta, run_as_step); });
}

TEST_P(Kernels, WholeCallsInNormalForm) {
  every_routine([](Routine r, Type t) { check(r, t, {9, 11, 7}, kAlpha, kBeta, run_call); });
}

TEST_P(Kernels, SpecialFactorsAndSizes) {
  every_routine([](Routine r, Type t) {
    for (const Scalar alpha : {Scalar(0), Scalar(1), Scalar(-1)})
      for (const Scalar beta : {Scalar(0), Scalar(1)}) {
        // A quick return, which leaves a Hermitian diagonal as it is: see below.
        if (alpha == Scalar(0) && beta == Scalar(1)) continue;
        check(r, t, {6, 5, 4}, alpha, beta, run_as_step);
      }
    check(r, t, {6, 5, 0}, kAlpha, kBeta, run_as_step);
    check(r, t, {6, 5, 0}, kAlpha, 0.0, run_as_step);
    check(r, t, {0, 5, 4}, kAlpha, kBeta, run_as_step);
    check(r, t, {5, 0, 4}, kAlpha, kBeta, run_as_step);
    check(r, t, {1, 1, 1}, kAlpha, kBeta, run_as_step);
  });
}

// With nothing to multiply neither A nor B need be there.
TEST_P(Kernels, ScalingNeedsNoOperands) {
  every_routine([](Routine r, Type t) {
    const auto without = [](BlasCall call) {
      call.a = call.b = nullptr;
      run_as_step(call);
    };
    check(r, t, {6, 5, 4}, 0.0, kBeta, without);
    if (support::has_inner_dimension(r)) check(r, t, {6, 5, 0}, kAlpha, kBeta, without);
  });
}

// Sizes that reach the solver's blocks, its full width and every remainder.
TEST_P(Kernels, TrsmOfEverySize) {
  for (const Type t : {Type::S, Type::D}) {
    for (const Size size : {Size{16, 16, 0}, {33, 49, 0}, {100, 31, 0}, {31, 100, 0}})
      check(Routine::Trsm, t, size, kAlpha, 0.0, run_as_step);
  }
  check(Routine::Trsm, Type::D, {270, 18, 0}, kAlpha, 0.0, run_as_step);
  check(Routine::Trsm, Type::S, {18, 270, 0}, kAlpha, 0.0, run_as_step);
}

TEST_P(Kernels, GemmtOfSeveralBlocks) {
  check(Routine::Gemmt, Type::D, {300, 300, 3}, kAlpha, kBeta, run_as_step);
  check(Routine::Gemmt, Type::C, {300, 300, 2}, kAlpha, 0.0, run_as_step);
}

TEST_P(Kernels, HermitianDiagonalStaysComplexInAQuickReturn) {
  BlasCall call;
  call.routine = Routine::Herk, call.type = Type::Z;
  call.m = call.n = 1, call.k = 0, call.ldc = 1, call.beta = 1.0;
  std::complex<double> c(1, 2);
  call.c = &c;
  run_as_step(call);
  EXPECT_EQ(c, std::complex<double>(1, 2));
  call.beta = 0.5;
  run_as_step(call);
  EXPECT_EQ(c, std::complex<double>(0.5, 0));
}

TEST(Scale, KeepsToItsRegion) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  std::vector<double> c(5 * 4, nan);
  scale(Type::D, tile::Region::Lower, 4, 4, 0.0, c.data(), 5);
  for (size_t j = 0; j < 4; ++j) {
    for (size_t i = 0; i < 5; ++i) {
      EXPECT_EQ(c[i + 5 * j] == 0.0, i >= j && i < 4) << i << "," << j;
    }
  }
}

TEST(Builtin, EveryFamilyTypeAndFlagPastItsBlocks) {
  every_routine([](Routine r, Type t) {
    if (t == Type::D || t == Type::Z) check(r, t, {67, 66, 65}, kAlpha, kBeta, run_builtin);
  });
}

// The reference does not touch A where B is zero: NaN there is not seen.
TEST(Builtin, SkipsTheZerosThatTheReferenceSkips) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<double> a = {nan, nan, 0, nan};
  std::vector<double> b = {0, 0};
  BlasCall call;
  call.routine = Routine::Trsm, call.type = Type::D, call.uplo = Uplo::Lower;
  call.m = 2, call.n = 1, call.a = a.data(), call.c = b.data(), call.lda = call.ldc = 2;
  run_builtin(call);
  EXPECT_EQ(b, std::vector<double>({0, 0}));
}

}  // namespace
}  // namespace blasx::hostblas
