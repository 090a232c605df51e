// SPDX-License-Identifier: Apache-2.0
// Rates of the routines on this machine: assumed, measured, and kept in a file that people can read and change. A RateTable is a
// plain value.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "blasx/hostblas/hostblas.hpp"
#include "blasx/offload/predict.hpp"
#include "common/parse.hpp"
#include "common/status.hpp"

namespace blasx::offload {

// What GPUs were when they were last opened, all of them together; assumed before.
struct GpuRates {
  std::array<double, kTypeCount> kernel = {5e12, 1e12, 5e12,
                                           1e12};  // operations per second in a large product
  double link = 12e9;                              // bytes per second
  double memory_bytes = 8e9;
  bool measured = false;
};

struct RateTable {
  struct Entry {
    Rates rates;
    bool measured = false;
  };
  std::array<std::array<Entry, kTypeCount>, kRoutineCount> at{};
  GpuRates gpus;

  Entry& of(Routine r, Type t) { return at[static_cast<size_t>(r)][static_cast<size_t>(t)]; }
  const Entry& of(Routine r, Type t) const {
    return at[static_cast<size_t>(r)][static_cast<size_t>(t)];
  }
};

// What is believed before anything was measured: the usual libraries lose a fifth of their gemm's speed in trsm and nothing
// that tiles on the same cores could win elsewhere; a library with one thread leaves the other cores to tiles.
RateTable assumed_rates(hostblas::Kind kind, int32_t host_threads, int32_t cores);

// The file: comments, then lines `dtrsm host 8.1e10 cpu 9.6e10` in operations per second, and one for GPUs,
// `gpus s 5e13 d 2.5e13 c 5e13 z 2.5e13 link 5e10 memory 7e10`. Lines that make no sense are left out.
std::string rates_text(const RateTable& table, const std::string& title);
// Puts what the text says into `table`, as measured; returns how many lines it took.
int parse_rates(std::string_view text, RateTable& table);

// "rates-<16 digits>.txt": another machine, host BLAS or number of threads has another file.
std::string rates_file_name(const std::string& fingerprint);
// Processor, cores, host BLAS and GPUs in words; `memory`: what each GPU may take, if that is capped.
std::string machine_fingerprint(const hostblas::Library& library, int32_t cores, int32_t gpus = 0,
                                const std::optional<parse::Amount>& memory = {});
// The folder of CACHE_DIR ("" the user's cache folder); empty where nothing is to be kept.
std::string cache_folder(const std::string& setting,
                         const std::function<const char*(const char*)>& variable);

Result<std::string> load_file(const std::string& path);
// Whole or not at all; makes the folder.
Status save_file(const std::string& path, const std::string& text);

}  // namespace blasx::offload
