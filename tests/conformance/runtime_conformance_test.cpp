// SPDX-License-Identifier: Apache-2.0
// Every family as tiles: all flags, alpha and beta, sizes round the tile's, on 1 to 4 devices with room for a few tiles and on
// the processor, against the reference. BLASX_TEST_SHARE=n runs every n-th case, for slow builds. With BLASX_TEST_GPUS the devices are
// GPUs, or parts of one; see tests/support/gpus.hpp.
#include <gtest/gtest.h>

#include <complex>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>

#include "blasx/runtime/runtime.hpp"
#include "tests/support/call_case.hpp"
#include "tests/support/flags.hpp"
#include "tests/support/gpus.hpp"

namespace blasx {
namespace {

using runtime::Options;
using runtime::Runtime;
using runtime::Where;

constexpr int64_t kTile = 16;
constexpr int64_t kSizes[] = {0, 1, kTile - 1, kTile, kTile + 1, 3 * kTile + 2};
constexpr int kSizesTried = 6;  // random triples of these for each combination of flags and factors

Options devices(int32_t count, int64_t blocks) {
  Options options;
  options.host_devices = count;
  options.cpu = false;
  options.cores = 2;
  options.tile = kTile;
  options.streams = 2;
  options.device_memory_bytes = std::max<int64_t>(blocks * kTile * (kTile + 32) * 16, 1 << 16);
  return options;
}

constexpr size_t kMachinesOfOneKind = 4;

// The machines of all tests of this program: their threads are started once.
struct Machine {
  std::unique_ptr<Runtime> runtime;
  Where where;
};
const std::vector<Machine>& machines() {
  static const auto* all = [] {
    auto* list = new std::vector<Machine>;
    // The first kMachinesOfOneKind have no processor beside the devices.
    const auto sets = support::gpu_sets();
    for (size_t i = 0; i < sets.size() || (!sets.empty() && i < kMachinesOfOneKind); ++i) {
      const auto& numbers = sets[i % sets.size()];
      const auto count = static_cast<int64_t>(numbers.size());
      Options options = devices(0, std::max(6 + count, support::gpu_blocks()));
      options.gpus = support::gpus(numbers);
      list->push_back({std::make_unique<Runtime>(options), Where::Devices});
      if (list->back().runtime->devices().size() == 1 && support::gpus_are_real()) {
        std::puts("skipped: no GPU can be used here");
        std::exit(77);
      }
    }
    for (int32_t count = 1; list->size() < kMachinesOfOneKind; ++count) {
      list->push_back({std::make_unique<Runtime>(devices(count, 6 + count)), Where::Devices});
    }
    Options mixed = devices(1, 12);
    if (support::on_gpus()) {
      mixed.host_devices = 0;
      mixed.gpus = support::gpus({0});
    }
    mixed.cpu = true;
    list->push_back({std::make_unique<Runtime>(mixed), Where::Devices});
    list->push_back({std::make_unique<Runtime>(mixed), Where::Cpu});
    return list;
  }();
  return *all;
}

int64_t share() {
  const char* text = std::getenv("BLASX_TEST_SHARE");
  return text != nullptr ? std::max<int64_t>(1, std::atoll(text)) : 1;
}

template <typename T>
void run_one(const BlasCall& shape, std::mt19937_64& random) {
  support::CallCase<T> test(shape, static_cast<int64_t>(random() % 5), random());
  const Machine& machine = machines()[random() % machines().size()];
  const auto report = machine.runtime->run(test.call, machine.where);
  ASSERT_TRUE(report) << report.status().to_string();
  EXPECT_EQ(report->internal_error, "");
  for (const auto& device : report->shares) EXPECT_FALSE(device.lost) << device.name;
  test.check(2 * std::max({shape.m, shape.n, shape.k}) / kTile + 2);
}

void dispatch(const BlasCall& shape, std::mt19937_64& random) {
  switch (shape.type) {
    case Type::S:
      return run_one<float>(shape, random);
    case Type::D:
      return run_one<double>(shape, random);
    case Type::C:
      return run_one<std::complex<float>>(shape, random);
    case Type::Z:
      return run_one<std::complex<double>>(shape, random);
  }
}

class Conformance : public testing::TestWithParam<std::tuple<Routine, Type>> {};

TEST_P(Conformance, EveryFlagAndFactorAroundTheTileSize) {
  const auto [routine, type] = GetParam();
  if (!support::exists(routine, type)) GTEST_SKIP() << "no such routine in this type";
  std::mt19937_64 random(static_cast<uint64_t>(routine) * 4 + static_cast<uint64_t>(type));
  const auto size = [&] { return kSizes[random() % std::size(kSizes)]; };
  const Scalar other = is_complex(type) ? Scalar(0.5, -0.75) : Scalar(0.75);
  int64_t number = 0;
  for (BlasCall call : support::all_flags(routine, type)) {
    for (const Scalar alpha : {Scalar(0.0), Scalar(1.0), Scalar(-1.0), other}) {
      for (const Scalar beta : {Scalar(0.0), Scalar(1.0), Scalar(-1.0), other}) {
        if (support::is_triangular(routine) && beta != Scalar(0.0)) continue;
        call.alpha = routine == Routine::Herk ? alpha.real() : alpha;
        call.beta = routine == Routine::Herk || routine == Routine::Her2k ? beta.real() : beta;
        for (int i = 0; i < kSizesTried; ++i) {
          call.m = size();
          call.n = support::writes_triangle(routine) ? call.m : size();
          call.k = support::has_inner_dimension(routine) ? size() : 0;
          // Callers never see these: the faces return before anything is read.
          const bool nothing = (call.alpha == Scalar(0.0) ||
                                (call.k == 0 && support::has_inner_dimension(routine))) &&
                               call.beta == Scalar(1.0);
          if (call.m == 0 || call.n == 0 || nothing || number++ % share() != 0) continue;
          dispatch(call, random);
          if (HasFailure()) return;
        }
      }
    }
  }
}

std::string name_of(const testing::TestParamInfo<std::tuple<Routine, Type>>& param) {
  return type_letter(std::get<1>(param.param)) +
         std::string(routine_name(std::get<0>(param.param)));
}

INSTANTIATE_TEST_SUITE_P(
    Tiles, Conformance,
    testing::Combine(testing::Values(Routine::Gemm, Routine::Gemm3m, Routine::Gemmt, Routine::Symm,
                                     Routine::Hemm, Routine::Syrk, Routine::Herk, Routine::Syr2k,
                                     Routine::Her2k, Routine::Trmm, Routine::Trsm),
                     testing::Values(Type::S, Type::D, Type::C, Type::Z)),
    name_of);

// What the machines are made of is what was asked for: a GPU that is not there would leave all to the processor.
TEST(Machines, HaveTheirDevices) {
  if (!support::on_gpus()) GTEST_SKIP() << "on host devices";
  const auto sets = support::gpu_sets();
  BlasCall call;
  call.routine = Routine::Gemm;
  call.m = call.n = call.k = kTile;
  for (size_t i = 0; i < sets.size(); ++i) {
    support::CallCase<double> first(call, 1, 1);  // takes the memory
    ASSERT_TRUE(machines()[i].runtime->run(first.call, machines()[i].where));
    EXPECT_EQ(machines()[i].runtime->devices().size(), sets[i].size() + 1);
    EXPECT_EQ(machines()[i].runtime->device_count(), static_cast<int32_t>(sets[i].size()));
  }
}

// A NaN or Inf in A or B reaches exactly the elements of C that the definition says.
TEST(SpecialValues, SpreadAsTheDefinitionSays) {
  for (const Routine routine : {Routine::Gemm, Routine::Symm, Routine::Syrk, Routine::Trmm}) {
    for (const double special :
         {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
      BlasCall call;
      call.routine = routine;
      call.m = call.n = 2 * kTile + 3;
      call.k = support::has_inner_dimension(routine) ? call.m : 0;
      call.uplo = Uplo::Lower;
      call.beta = support::is_triangular(routine) ? 0.0 : 0.5;
      for (const Machine& machine : machines()) {
        support::CallCase<double> test(call, 3, 11);
        test.a.at(kTile + 2, 4) = special;  // in the lower triangle, not in a diagonal tile
        const support::Reference<double> reference(test.call, test.old_c.data(), test.old_c.ld());
        ASSERT_TRUE(machine.runtime->run(test.call, machine.where));
        const auto region = support::written_region(test.call);
        for (int64_t j = 0; j < call.n; ++j) {
          for (int64_t i = 0; i < call.m; ++i) {
            if (!test.c.inside(region, i, j)) continue;
            const auto want = static_cast<double>(reference.result(i, j).value.real());
            EXPECT_EQ(std::isfinite(test.c.at(i, j)), std::isfinite(want))
                << routine_name(routine) << " " << i << " " << j;
            if (std::isinf(want)) {
              EXPECT_EQ(test.c.at(i, j), want);
            }
          }
        }
      }
    }
  }
}

// On devices of one kind the result is the same bit for bit, however many there are and however they interleave.
TEST(Repeatable, WhateverTheNumberOfDevices) {
  for (const Routine routine : {Routine::Gemm, Routine::Syr2k, Routine::Trmm, Routine::Trsm}) {
    BlasCall call;
    call.routine = routine;
    call.m = call.n = 5 * kTile + 7;
    call.k = support::has_inner_dimension(routine) ? call.m : 0;
    call.alpha = 0.75;
    call.beta = -0.5;
    std::vector<double> first;
    for (int round = 0; round < 12; ++round) {
      support::CallCase<double> test(call, 1, 5);
      const Machine& machine = machines()[static_cast<size_t>(round) % kMachinesOfOneKind];
      ASSERT_TRUE(machine.runtime->run(test.call, machine.where));
      std::vector<double> now;
      for (int64_t j = 0; j < call.n; ++j) {
        for (int64_t i = 0; i < call.m; ++i) {
          if (test.c.inside(support::written_region(call), i, j)) now.push_back(test.c.at(i, j));
        }
      }
      if (round == 0) first = now;
      EXPECT_EQ(std::memcmp(first.data(), now.data(), now.size() * sizeof(double)), 0)
          << routine_name(routine) << " round " << round;
    }
  }
}

}  // namespace
}  // namespace blasx
