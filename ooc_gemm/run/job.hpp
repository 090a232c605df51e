// SPDX-License-Identifier: Apache-2.0
// What is to be done: names, factors, limits. Opening it gives the files and the problem to plan for; values only.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "ooc_gemm/plan/plan.hpp"
#include "ooc_gemm/run/product.hpp"
#include "ooc_gemm/storage/file.hpp"

namespace ooc_gemm::run {

using blasx::Result;
using blasx::Status;
using blasx::StatusCode;

// C = alpha op(A) op(B) + beta C0
struct Job {
  std::string a;
  std::string b;
  std::string c_in;  // C0: needed when beta is not zero; may be the output
  std::string c_out;
  Operation op_a = Operation::None;
  Operation op_b = Operation::None;
  Scalar alpha = 1;
  Scalar beta = 0;
  int64_t memory_bytes = 0;
  int threads = 4;                      // that read and write
  std::optional<storage::Order> order;  // of the output; that of A unless said
};

struct Inputs {
  storage::File a;
  storage::File b;
  storage::File c;  // open only when C0 is read
  storage::Description output;
  bool raw_output = false;
  plan::Problem problem;

  // All that were opened are still what they were.
  Status check_unchanged() const;
};

// Refuses shapes that do not fit, types that differ, factors the type cannot hold.
Result<Inputs> open_inputs(const Job& job);

// What must be the same for a run to continue another: files, factors, plan.
std::string identity(const Job& job, const Inputs& inputs, const plan::Plan& plan);

}  // namespace ooc_gemm::run
