// SPDX-License-Identifier: Apache-2.0
#include "blasx/hostblas/names.hpp"

#include <gtest/gtest.h>

namespace blasx::hostblas {
namespace {

TEST(Names, OfEachSpelling) {
  const std::string base = base_name(Routine::Gemm, Type::D);
  EXPECT_EQ(base, "dgemm");
  EXPECT_EQ(fortran_name(spellings(false)[0], base), "dgemm_");
  EXPECT_EQ(cblas_name(spellings(false)[0], base), "cblas_dgemm");
  EXPECT_EQ(fortran_name(spellings(true)[0], base), "dgemm_64_");
  EXPECT_EQ(cblas_name(spellings(true)[0], base), "cblas_dgemm64_");
  EXPECT_EQ(cblas_name(spellings(true)[1], base), "cblas_dgemm_64");
  EXPECT_EQ(fortran_name(wheel_spellings(true)[0], base), "scipy_dgemm_64_");
  EXPECT_EQ(cblas_name(wheel_spellings(true)[0], base), "scipy_cblas_dgemm64_");
  EXPECT_EQ(fortran_name(wheel_spellings(false)[0], base), "scipy_dgemm_");
}

TEST(Names, OnlyOfWhatExists) {
  EXPECT_EQ(base_name(Routine::Herk, Type::D), "");
  EXPECT_EQ(base_name(Routine::Herk, Type::Z), "zherk");
  EXPECT_EQ(base_name(Extension::GemmBatchStrided, Type::S), "sgemm_batch_strided");
  EXPECT_STREQ(alias(Routine::Gemmt), "gemmtr");
  EXPECT_EQ(alias(Routine::Gemm), nullptr);
}

}  // namespace
}  // namespace blasx::hostblas
