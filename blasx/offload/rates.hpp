// SPDX-License-Identifier: Apache-2.0
// Rates of the routines on this machine: assumed, measured, and kept in a file that people can read and change. A RateTable is a
// plain value.
#pragma once

#include <array>
#include <functional>
#include <string>
#include <string_view>

#include "blasx/hostblas/hostblas.hpp"
#include "blasx/offload/predict.hpp"
#include "common/status.hpp"

namespace blasx::offload {

struct RateTable {
  struct Entry {
    Rates rates;
    bool measured = false;
  };
  std::array<std::array<Entry, kTypeCount>, kRoutineCount> at{};

  Entry& of(Routine r, Type t) { return at[static_cast<size_t>(r)][static_cast<size_t>(t)]; }
  const Entry& of(Routine r, Type t) const {
    return at[static_cast<size_t>(r)][static_cast<size_t>(t)];
  }
};

// What is believed before anything was measured: the usual libraries lose a fifth of their gemm's speed in trsm and nothing
// that tiles on the same cores could win elsewhere; a library with one thread leaves the other cores to tiles.
RateTable assumed_rates(hostblas::Kind kind, int32_t host_threads, int32_t cores);

// The file: comments, then lines `dtrsm host 8.1e10 cpu 9.6e10` in operations per second. Lines that make no sense are left out.
std::string rates_text(const RateTable& table, const std::string& title);
// Puts what the text says into `table`, as measured; returns how many lines it took.
int parse_rates(std::string_view text, RateTable& table);

// "rates-<16 digits>.txt": another machine, host BLAS or number of threads has another file.
std::string rates_file_name(const std::string& fingerprint);
// Processor, cores and host BLAS in words.
std::string machine_fingerprint(const hostblas::Library& library, int32_t cores);
// The folder of CACHE_DIR ("" the user's cache folder); empty where nothing is to be kept.
std::string cache_folder(const std::string& setting,
                         const std::function<const char*(const char*)>& variable);

Result<std::string> load_file(const std::string& path);
// Whole or not at all; makes the folder.
Status save_file(const std::string& path, const std::string& text);

}  // namespace blasx::offload
