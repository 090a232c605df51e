// SPDX-License-Identifier: Apache-2.0
// What this machine does in a second, measured in a few hundredths of one. For predictions only: no plan depends on
// it. No state.
#pragma once

#include "ooc_gemm/plan/plan.hpp"
#include "ooc_gemm/run/job.hpp"

namespace ooc_gemm::run {

// A product of the job's type, and the beginnings of A and B read with the job's threads.
plan::Rates measure_rates(const Job& job, const Inputs& inputs);

}  // namespace ooc_gemm::run
