// SPDX-License-Identifier: Apache-2.0
// A job from open files to a file with the product's name. The calling thread multiplies; threads of its own read
// and write. The result appears under its name whole or not at all; until then it is NAME.part, with a journal.
#pragma once

#include <cstdint>
#include <functional>

#include "ooc_gemm/plan/order.hpp"
#include "ooc_gemm/run/job.hpp"

namespace ooc_gemm::run {

struct Progress {
  int64_t blocks = 0;       // of the whole product
  int64_t blocks_kept = 0;  // that an earlier run had finished
  int64_t blocks_done = 0;  // by this one
  double operations = 0;    // to be done by this run, and done
  double operations_done = 0;
  plan::Traffic planned;  // of this run, and moved so far
  plan::Traffic moved;
  double seconds = 0;
  double multiplying_s = 0;  // of them in the BLAS
  double waiting_s = 0;      // of them for storage
};

// Called after every panel from the thread that runs; false stops the run, which can be continued.
using Callback = std::function<bool(const Progress&)>;

struct Report {
  plan::Plan plan;
  Progress progress;
  bool cancelled = false;
  bool was_done = false;  // an earlier run had all but said so
};

Result<Report> run(const Job& job, const Callback& callback);

// Names beside an output's.
std::string part_path(const std::string& output);
std::string journal_path(const std::string& output);

}  // namespace ooc_gemm::run
