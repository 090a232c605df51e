// SPDX-License-Identifier: Apache-2.0
// Measures what a machine file says of the processor: tile kernels by edge, copies, what handing over a kernel costs. On a shared
// machine the fastest of a few rounds is the one that nothing disturbed. No state.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "blasx/tile/call.hpp"
#include "blasx/tile/graph.hpp"

namespace blasx::tools {

// As a machine file names them.
struct KernelFamily {
  const char* name;
  tile::Kernel kernel;
  Routine routine;
};
inline constexpr std::array<KernelFamily, 6> kKernelFamilies{{
    {"gemm", tile::Kernel::Gemm, Routine::Gemm},
    {"symm", tile::Kernel::Symm, Routine::Symm},
    {"syrk", tile::Kernel::Syrk, Routine::Syrk},
    {"syr2k", tile::Kernel::Syr2k, Routine::Syr2k},
    {"trmm", tile::Kernel::Trmm, Routine::Trmm},
    {"trsm", tile::Kernel::Trsm, Routine::Trsm},
}};

struct Curve {
  Type type = Type::D;
  size_t family = 0;                               // of kKernelFamilies
  std::vector<std::pair<int64_t, double>> points;  // edge, GFLOP/s of one thread while all work
};

struct Measured {
  std::vector<Curve> curves;
  double copy_bytes_per_s = 0;        // one two-dimensional copy alone
  double all_copies_bytes_per_s = 0;  // one on each thread, together
  double hand_over_us = 0;            // a kernel to a queue that has others
  double round_trip_us = 0;           // a kernel to an idle thread, and its report back
};

struct Measuring {
  int32_t threads = 1;  // kernels at once
  std::vector<Type> types{Type::S, Type::D, Type::C, Type::Z};
  std::vector<size_t> families{0, 1, 2, 3, 4, 5};
  std::vector<int64_t> edges{64, 128, 256, 512, 1024};
  int rounds = 3;
  std::function<void(double part_done)> progress = [](double) {};
};

Measured measure(const Measuring& what);

// Its parts. Rates of one thread in operations or bytes a second, the best of the rounds.
double kernel_rate(const KernelFamily& family, Type type, int64_t edge, int32_t threads,
                   int rounds);
double copy_rate(int32_t threads, int rounds);
double hand_over_seconds();
double round_trip_seconds();

}  // namespace blasx::tools
