// SPDX-License-Identifier: Apache-2.0
// What the card and its link give at best, measured in the process that measures libblasx.
#pragma once

#include <map>
#include <span>
#include <string>

#include "bench/gpu/cuda_libraries.hpp"
#include "bench/gpu/problem.hpp"

namespace blasx::bench {

struct CardRates {
  std::string card;
  int driver = 0, runtime = 0;  // as CUDA counts: 13000 is 13.0
  double to_device = 0, to_host = 0,
         both_ways = 0;  // bytes/s from and to pinned memory; the sum of both at once
  std::map<std::string, double>
      in_core;  // by routine: operations a second of cuBLAS's own, on matrices in the card's memory
};

// `in_core`: edge of the matrices for the rates of cuBLAS, at most. Throws std::runtime_error where the card cannot be used.
CardRates measure_card(const CudaLibraries& cuda, int in_core, std::span<const Family> families);

}  // namespace blasx::bench
