// SPDX-License-Identifier: Apache-2.0
// The C interface: translates values, keeps exceptions in, remembers the last failure of each thread.
#include <ooc_gemm/ooc_gemm.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <new>
#include <string>

#include "ooc_gemm/run/rates.hpp"
#include "ooc_gemm/run/run.hpp"
#include "ooc_gemm/run/verify.hpp"

namespace {

using blasx::Status;
using blasx::StatusCode;
using ooc_gemm::run::Job;
using ooc_gemm::run::Operation;
using ooc_gemm::run::Progress;

std::string& last_error() {
  thread_local std::string text;
  return text;
}

int code_of(StatusCode code) {
  switch (code) {
    case StatusCode::Ok:
      return OOC_GEMM_OK;
    case StatusCode::InvalidArgument:
      return OOC_GEMM_INVALID;
    case StatusCode::NotFound:
    case StatusCode::Unavailable:
    case StatusCode::IoError:
      return OOC_GEMM_IO;
    case StatusCode::OutOfMemory:
      return OOC_GEMM_MEMORY;
    default:
      return OOC_GEMM_FAILED;
  }
}

int fail(const Status& status) {
  last_error() = status.message();
  return code_of(status.code());
}

template <typename Body>
int guarded(Body body) noexcept {
  try {
    last_error().clear();
    return body();
  } catch (const std::bad_alloc&) {
    last_error() = "out of memory";  // so short that it takes none
    return OOC_GEMM_MEMORY;
  } catch (const std::exception& problem) {
    return fail(Status(StatusCode::Internal, problem.what()));
  }
}

blasx::Result<Operation> operation_of(char letter) {
  if (letter == 'N' || letter == 'T' || letter == 'C') return static_cast<Operation>(letter);
  return blasx::failure(StatusCode::InvalidArgument, "op_a and op_b are N, T or C");
}

blasx::Result<Job> job_of(const ooc_gemm_job* from) {
  if (from == nullptr || from->size < sizeof(ooc_gemm_job) || from->a == nullptr ||
      from->b == nullptr || from->c_out == nullptr) {
    return blasx::failure(StatusCode::InvalidArgument, "a job needs its size, a, b and c_out");
  }
  const auto op_a = operation_of(from->op_a);
  const auto op_b = operation_of(from->op_b);
  if (!op_a || !op_b) return blasx::failure(op_a ? op_b.error() : op_a.error());
  Job job;
  job.a = from->a;
  job.b = from->b;
  job.c_in = from->c_in == nullptr ? "" : from->c_in;
  job.c_out = from->c_out;
  job.op_a = *op_a;
  job.op_b = *op_b;
  job.alpha = {from->alpha[0], from->alpha[1]};
  job.beta = {from->beta[0], from->beta[1]};
  job.memory_bytes = from->memory_bytes;
  if (from->threads < 0 || from->threads > 256) {
    return blasx::failure(StatusCode::InvalidArgument, "threads are 1 to 256, or 0 for 4");
  }
  if (from->threads > 0) job.threads = from->threads;
  if (from->order == 'C') job.order = ooc_gemm::storage::Order::C;
  if (from->order == 'F') job.order = ooc_gemm::storage::Order::Fortran;
  if (from->order != 'C' && from->order != 'F' && from->order != 0) {
    return blasx::failure(StatusCode::InvalidArgument, "order is C, F or 0");
  }
  return job;
}

// As many bytes as the caller's version of the structure has.
template <typename T>
void give(T* to, T from) {
  const size_t size = std::min(to->size, sizeof(T));
  from.size = size;
  std::memcpy(static_cast<void*>(to), &from, size);
}

ooc_gemm_progress progress_of(const Progress& from) {
  return {sizeof(ooc_gemm_progress),
          from.blocks,
          from.blocks_kept,
          from.blocks_done,
          from.operations,
          from.operations_done,
          from.moved.read_bytes,
          from.planned.read_bytes,
          from.moved.written_bytes,
          from.planned.written_bytes,
          from.seconds,
          from.multiplying_s,
          from.waiting_s};
}

}  // namespace

extern "C" int ooc_gemm_make_plan(const ooc_gemm_job* from, int measure, ooc_gemm_plan* to) {
  return guarded([&] {
    const auto job = job_of(from);
    if (!job) return fail(job.error());
    if (to == nullptr) return fail(Status(StatusCode::InvalidArgument, "no plan to fill"));
    const auto inputs = ooc_gemm::run::open_inputs(*job);
    if (!inputs) return fail(inputs.error());
    const auto plan = ooc_gemm::plan::make_plan(inputs->problem);
    if (!plan) return fail(plan.error());
    const auto moved = ooc_gemm::plan::traffic(*plan);
    const auto& problem = plan->problem;
    ooc_gemm_plan answer{};
    answer.m = problem.m;
    answer.n = problem.n;
    answer.k = problem.k;
    answer.block_m = plan->mc;
    answer.block_n = plan->nc;
    answer.block_k = plan->kc;
    answer.blocks = plan->blocks();
    answer.panels = plan->panels();
    answer.buffer_bytes = plan->buffer_bytes();
    answer.read_bytes = moved.read_bytes;
    answer.written_bytes = moved.written_bytes;
    answer.lower_bound_bytes = ooc_gemm::plan::lower_bound_bytes(problem);
    answer.operations = problem.operations();
    if (measure != 0) {
      const auto times =
          ooc_gemm::plan::predict(*plan, ooc_gemm::run::measure_rates(*job, *inputs));
      answer.compute_s = times.compute_s;
      answer.storage_s = times.storage_s;
      answer.total_s = times.total_s;
    }
    give(to, answer);
    return static_cast<int>(OOC_GEMM_OK);
  });
}

extern "C" int ooc_gemm_run(const ooc_gemm_job* from, ooc_gemm_callback callback, void* context,
                            ooc_gemm_progress* last) {
  return guarded([&] {
    const auto job = job_of(from);
    if (!job) return fail(job.error());
    const auto report = ooc_gemm::run::run(*job, [&](const Progress& progress) {
      const ooc_gemm_progress now = progress_of(progress);
      return callback == nullptr || callback(&now, context) == 0;
    });
    if (!report) return fail(report.error());
    if (last != nullptr) give(last, progress_of(report->progress));
    if (!report->cancelled) return static_cast<int>(OOC_GEMM_OK);
    last_error() = job->c_out + ": cancelled; the same job continues";
    return static_cast<int>(OOC_GEMM_CANCELLED);
  });
}

extern "C" int ooc_gemm_verify(const ooc_gemm_job* from, uint64_t seed, double* worst) {
  return guarded([&] {
    const auto job = job_of(from);
    if (!job) return fail(job.error());
    const auto verdict = ooc_gemm::run::verify(*job, seed);
    if (!verdict) return fail(verdict.error());
    if (worst != nullptr) *worst = verdict->worst;
    if (verdict->right()) return static_cast<int>(OOC_GEMM_OK);
    last_error() = job->c_out + ": not the product: row " + std::to_string(verdict->worst_row) +
                   " is wrong by " + std::to_string(verdict->worst) +
                   " times what rounding may cause";
    return static_cast<int>(OOC_GEMM_WRONG);
  });
}

extern "C" const char* ooc_gemm_error(void) { return last_error().c_str(); }
