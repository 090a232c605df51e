// SPDX-License-Identifier: Apache-2.0
#include "ooc_gemm/run/verify.hpp"

#include <gmock/gmock.h>

#include <fstream>

#include "files.hpp"
#include "ooc_gemm/run/run.hpp"

namespace {

using namespace ooc_gemm::tests;  // NOLINT(google-build-using-namespace)
using ooc_gemm::run::Job;
using ooc_gemm::run::run;
using ooc_gemm::run::verify;

TEST(VerifyTest, RightProductsPassAndOneWrongElementDoesNot) {
  std::mt19937 random(8);
  for (const Element element : {Element::F4, Element::F8, Element::C8, Element::C16}) {
    for (const Operation operation : {Operation::None, Operation::Adjoint}) {
      Files files;
      const bool turned = operation != Operation::None;
      files.make("a.npy", element, Order::C, turned ? 23 : 31, turned ? 31 : 23, random);
      files.make("b.npy", element, Order::Fortran, 23, 19, random);
      files.make("c0.npy", element, Order::Fortran, 31, 19, random);
      Job job;
      job.a = files.path("a.npy");
      job.b = files.path("b.npy");
      job.c_in = files.path("c0.npy");
      job.c_out = files.path("c.npy");
      job.op_a = operation;
      job.beta = 2;
      job.memory_bytes = 4000;
      ASSERT_TRUE(run(job, nullptr).has_value());
      for (uint64_t seed = 0; seed < 5; ++seed) {
        const auto verdict = verify(job, seed);
        ASSERT_TRUE(verdict.has_value()) << verdict.error().message();
        EXPECT_TRUE(verdict->right()) << verdict->worst;
      }
      // Fortran order: the second element of the file is that of row 1.
      std::fstream file(job.c_out, std::ios::in | std::ios::out | std::ios::binary);
      file.seekp(128 + ooc_gemm::storage::element_bytes(element));
      const float wrong = 1000.5F;
      file.write(reinterpret_cast<const char*>(&wrong), 4);
      if (element == Element::F8 || element == Element::C16) {
        file.seekp(-4, std::ios::cur);
        const double wrong_double = 1000.5;
        file.write(reinterpret_cast<const char*>(&wrong_double), 8);
      }
      file.close();
      const auto verdict = verify(job, 1);
      ASSERT_TRUE(verdict.has_value());
      EXPECT_FALSE(verdict->right());
      EXPECT_EQ(verdict->worst_row, 1);
    }
  }
}

TEST(VerifyTest, WhatWasAddedToCannotBeVerified) {
  Job job;
  job.c_out = "c.npy";
  job.beta = 1;
  EXPECT_THAT(verify(job, 1).error().message(), testing::HasSubstr("old values are gone"));
}

}  // namespace
