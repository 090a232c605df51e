// SPDX-License-Identifier: Apache-2.0
#include "ooc_gemm/run/run.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>

#include "files.hpp"
#include "ooc_gemm/run/verify.hpp"
#include "ooc_gemm/storage/direct.hpp"

namespace {

using namespace ooc_gemm::tests;  // NOLINT(google-build-using-namespace)
using ooc_gemm::run::Job;
using ooc_gemm::run::run;
using ooc_gemm::storage::File;
using ooc_gemm::storage::Way;

struct Case {
  Element element;
  Order order_a, order_b, order_c;
  Operation op_a, op_b;
  int64_t m, n, k;
  Scalar alpha = 1;
  Scalar beta = 0;
  int64_t memory_elems = 0;
  bool deeper_panels = false;  // than products
};

void expect_right(const Case& one, std::mt19937& random) {
  Files files;
  const bool ta = one.op_a != Operation::None;
  const bool tb = one.op_b != Operation::None;
  const Matrix a =
      files.make("a.npy", one.element, one.order_a, ta ? one.k : one.m, ta ? one.m : one.k, random);
  const Matrix b =
      files.make("b.npy", one.element, one.order_b, tb ? one.n : one.k, tb ? one.k : one.n, random);
  Matrix c0;
  Job job;
  job.a = files.path("a.npy");
  job.b = files.path("b.npy");
  job.c_out = files.path("c.npy");
  if (one.beta != Scalar(0)) {
    c0 = files.make("c0.npy", one.element, one.order_c, one.m, one.n, random);
    job.c_in = files.path("c0.npy");
  }
  job.op_a = one.op_a;
  job.op_b = one.op_b;
  job.alpha = one.alpha;
  job.beta = one.beta;
  job.order = one.order_c;
  job.memory_bytes = one.memory_elems * ooc_gemm::storage::element_bytes(one.element);
  const auto report = run(job, nullptr);
  ASSERT_TRUE(report.has_value()) << report.error().message();
  EXPECT_EQ(report->progress.moved, ooc_gemm::plan::traffic(report->plan));
  EXPECT_EQ(report->progress.moved, report->progress.planned);
  EXPECT_EQ(report->progress.blocks_done, report->plan.blocks());
  EXPECT_NEAR(report->progress.operations_done, report->plan.problem.operations(), 1);
  EXPECT_LE(report->plan.buffer_bytes(), job.memory_bytes);
  EXPECT_EQ(report->plan.a_products * report->plan.b_products > 1, one.deeper_panels);
  const Matrix c = read_matrix(job.c_out);
  ASSERT_EQ(c.rows, one.m);
  ASSERT_EQ(c.cols, one.n);
  EXPECT_LE(worst_error(c, a, one.op_a, b, one.op_b, one.alpha, one.beta, c0, one.element), 1);
  EXPECT_FALSE(std::filesystem::exists(ooc_gemm::run::part_path(job.c_out)));
  EXPECT_FALSE(std::filesystem::exists(ooc_gemm::run::journal_path(job.c_out)));
}

TEST(RunTest, AllTypesOrdersAndTranspositions) {
  std::mt19937 random(5);
  const auto upto = [&](uint32_t most) { return static_cast<int64_t>(random() % most) + 1; };
  int count = 0;
  for (const Element element : {Element::F4, Element::F8, Element::C8, Element::C16}) {
    const bool is_complex = ooc_gemm::storage::is_complex(element);
    for (int orders = 0; orders < 8; ++orders) {
      for (const Operation op_a : {Operation::None, Operation::Transposed, Operation::Adjoint}) {
        for (const Operation op_b : {Operation::None, Operation::Transposed, Operation::Adjoint}) {
          const auto order = [&](int bit) {
            return (orders >> bit & 1) != 0 ? Order::Fortran : Order::C;
          };
          Case one{element, order(0), order(1), order(2), op_a, op_b, upto(40), upto(40), upto(40)};
          one.alpha = is_complex ? Scalar(0.5, -1.25) : Scalar(-1.5);
          if (++count % 2 == 0) one.beta = is_complex ? Scalar(-2, 0.5) : Scalar(0.75);
          one.memory_elems = 60 + upto(1500);
          SCOPED_TRACE(testing::Message()
                       << "case " << count << ": " << one.m << " " << one.n << " " << one.k
                       << " orders " << orders << " memory " << one.memory_elems);
          expect_right(one, random);
          if (HasFailure()) return;
        }
      }
    }
  }
}

// Lines so short that a panel of one operand is deep enough for several products, which it is then multiplied by one after the other.
TEST(RunTest, PanelsDeeperThanProducts) {
  std::mt19937 random(8);
  for (const Element element : {Element::F4, Element::C16}) {
    for (const bool turned : {false, true}) {
      SCOPED_TRACE(testing::Message() << static_cast<int>(element) << " " << turned);
      const Order order = turned ? Order::Fortran : Order::C;
      Case one{element, order, order, order, Operation::None, Operation::None, 30, 40, 2500};
      one.memory_elems = 90000;
      one.beta = 0.5;
      one.deeper_panels = true;
      expect_right(one, random);
      one.op_a = one.op_b = Operation::Adjoint;
      expect_right(one, random);
    }
  }
}

// Large files on a disk, of which nothing is in the cache: lines are read past it, straight to where they are multiplied.
TEST(RunTest, LargeFilesPastTheCache) {
  std::string folder = (std::filesystem::temp_directory_path() / "ooc-large-XXXXXX").string();
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  bool was_direct = true;
  for (const int64_t k : {40960, 41001}) {  // lines of whole sectors, and others
    for (const Order order : {Order::C, Order::Fortran}) {
      SCOPED_TRACE(testing::Message() << k << " " << static_cast<int>(order));
      Job job;
      const auto make = [&](const std::string& name, int64_t rows, int64_t cols) {
        std::vector<double> all(static_cast<size_t>(rows * cols));
        std::mt19937_64 random(9);
        for (double& one : all) one = static_cast<double>(random() >> 11) * 0x1p-52 - 1;
        auto file = File::create({folder + name, Element::F8, order, rows, cols, 0}, Way::Cached);
        const bool c_order = order == Order::C;
        const bool made = file && file->lay_out(false).ok() &&
                          file->write({0, 0, rows, cols}, all.data(), c_order ? cols : rows).ok() &&
                          file->flush().ok();
        EXPECT_TRUE(made);
        const int descriptor = ::open((folder + name).c_str(), O_RDONLY);
        posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED);
        close(descriptor);
        const auto now = File::open(ooc_gemm::storage::parse_name(folder + name).value());
        was_direct = was_direct && now && now->is_direct();
        return folder + name;
      };
      job.a = make("/a.npy", 60, k);
      job.b = make("/b.npy", k, 60);
      job.c_out = folder + "/c.npy";
      job.memory_bytes = 1'200'000;
      const auto report = run(job, nullptr);
      ASSERT_TRUE(report.has_value()) << report.error().message();
      EXPECT_TRUE(report->plan.has_spare);
      const auto verdict = ooc_gemm::run::verify(job, 1);
      ASSERT_TRUE(verdict.has_value());
      EXPECT_TRUE(verdict->right()) << verdict->worst;
    }
  }
  std::filesystem::remove_all(folder);
  if (!was_direct) GTEST_SKIP() << "no direct reads there";
}

TEST(RunTest, ThinAndEmptyShapes) {
  std::mt19937 random(6);
  for (const auto& [m, n, k] : {std::tuple{1, 50, 7},
                                {50, 1, 7},
                                {1, 1, 100},
                                {30, 20, 1},
                                {1, 1, 1},
                                {20, 30, 0},
                                {0, 10, 5},
                                {10, 0, 5},
                                {0, 0, 0}}) {
    for (const double beta : {0.0, 1.0, -0.5}) {
      for (const Order order : {Order::C, Order::Fortran}) {
        SCOPED_TRACE(testing::Message() << m << " " << n << " " << k << " beta " << beta);
        expect_right({Element::F8, order, Order::C, order, Operation::None, Operation::None, m, n,
                      k, 2, beta, 100},
                     random);
      }
    }
  }
}

TEST(RunTest, RawFilesAndAccumulationInPlace) {
  Files files;
  std::mt19937 random(7);
  const Matrix a = files.make("a.bin@13x11:f4", Element::F4, Order::C, 13, 11, random);
  const Matrix b = files.make("b.bin@11x9:f4:F", Element::F4, Order::Fortran, 11, 9, random);
  const Matrix c0 = files.make("c.bin@13x9:f4", Element::F4, Order::C, 13, 9, random);
  Job job;
  job.a = files.path("a.bin@13x11:f4");
  job.b = files.path("b.bin@11x9:f4:F");
  job.c_out = files.path("c.bin@13x9:f4");
  job.beta = 1;
  job.memory_bytes = 400;
  const auto report = run(job, nullptr);
  ASSERT_TRUE(report.has_value()) << report.error().message();
  EXPECT_EQ(std::filesystem::file_size(files.path("c.bin")), 13U * 9 * 4);
  const Matrix c = read_matrix(job.c_out);
  EXPECT_LE(worst_error(c, a, Operation::None, b, Operation::None, 1, 1, c0, Element::F4), 1);
}

}  // namespace
