// SPDX-License-Identifier: Apache-2.0
// Measures what a machine file says of the processor, as a run meets it: tile kernels by edge while every core runs one, copies out of
// and into memory that rested while kernels ran, what an operation costs beside itself. No state.
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
  Op trans_b = Op::NoTrans;
};
inline constexpr std::array<KernelFamily, 7> kKernelFamilies{{
    {"gemm", tile::Kernel::Gemm, Routine::Gemm},
    {"symm", tile::Kernel::Symm, Routine::Symm},
    {"syrk", tile::Kernel::Syrk, Routine::Syrk},
    {"syr2k", tile::Kernel::Syr2k, Routine::Syr2k},
    {"trmm", tile::Kernel::Trmm, Routine::Trmm},
    {"trsm", tile::Kernel::Trsm, Routine::Trsm},
    {"gemm_nt", tile::Kernel::Gemm, Routine::Gemm, Op::Trans},
}};

struct Curve {
  Type type = Type::D;
  size_t family = 0;  // of kKernelFamilies
  // Edge; GFLOP/s of each core while all work: on a shared machine they are not alike.
  std::vector<std::pair<int64_t, std::vector<double>>> points;
};

// Two-dimensional copies: of a matrix's tile into an arena, of a block into a matrix or another arena.
enum class Way : uint8_t { In, Out, Peer };
inline constexpr int kWays = 3;

struct Measured {
  std::vector<Curve> curves;
  double copy_bytes_per_s[kWays] = {};  // one, beside kernels on the other cores
  double all_copies_bytes_per_s = 0;    // into arenas, one on each core, together
  double operation_us = 0;  // processor time for waking threads and telling, with all cores busy
  double operation_wait_us = 0;  // how long that lasts
  double round_trip_us = 0;      // a kernel to an idle thread, and its report back
};

struct Measuring {
  int32_t threads = 1;  // kernels at once
  std::vector<Type> types{Type::S, Type::D, Type::C, Type::Z};
  std::vector<size_t> families{0, 1, 2, 3, 4, 5, 6};
  std::vector<int64_t> edges{64, 128, 256, 512, 1024};
  int rounds = 3;
  std::function<void(double part_done)> progress = [](double) {};
};

Measured measure(const Measuring& what);

// Its parts. Operations a second of each of `threads` cores, the usual one of the rounds.
std::vector<double> kernel_rates(const KernelFamily& family, Type type, int64_t edge,
                                 int32_t threads, int rounds);
// Bytes a second of each of `copying` cores, on the average, while the others of `threads` compute.
double copy_rate(Way way, int32_t copying, int32_t threads, int rounds);
// With all cores busy: an operation to a thread that sleeps, and its report back.
struct HandOver {
  double processor_s = 0;  // what it costs
  double wall_s = 0;       // how long it lasts: woken threads wait for their turn
};
HandOver hand_over_beside_kernels(int32_t threads);
double round_trip_seconds();

}  // namespace blasx::tools
