// SPDX-License-Identifier: Apache-2.0
#include "ooc_gemm/run/job.hpp"

#include <fmt/format.h>

#include <utility>

namespace ooc_gemm::run {

namespace {

auto refuse(const std::string& text) { return blasx::failure(StatusCode::InvalidArgument, text); }

std::string shape(const storage::Description& matrix, Operation operation) {
  const bool turned = operation != Operation::None;
  return fmt::format("{}{} {} x {}", matrix.path, turned ? " transposed" : "",
                     turned ? matrix.cols : matrix.rows, turned ? matrix.rows : matrix.cols);
}

Result<storage::File> open_named(const std::string& text) {
  auto name = storage::parse_name(text);
  if (!name) return blasx::failure(name.error());
  return storage::File::open(*name);
}

// A line that is read as whole sectors takes a sector more, and another part of one where the next line begins elsewhere in its
// sector. The same whether it is in the cache or not, so that a run is continued with its plan.
plan::Lines lines_of(const storage::Description& matrix, bool along_rows) {
  constexpr int64_t kSectorBytes = 512;
  const bool c_order = matrix.order == storage::Order::C;
  const int64_t element = storage::element_bytes(matrix.element);
  const int64_t line_bytes = (c_order ? matrix.cols : matrix.rows) * element;
  return {c_order == along_rows, (kSectorBytes + line_bytes % kSectorBytes) / element};
}

std::string stamp_text(const storage::File& file) {
  const storage::Stamp& stamp = file.stamp();
  return fmt::format("{}:{}:{}:{}", stamp.device, stamp.inode, stamp.size_bytes, stamp.modified_ns);
}

}  // namespace

Status Inputs::check_unchanged() const {
  for (const storage::File* file : {&a, &b, &c}) {
    if (!file->is_open()) continue;
    if (Status same = file->check_unchanged(); !same) return same;
  }
  return {};
}

Result<Inputs> open_inputs(const Job& job) {
  Inputs inputs;
  auto a = open_named(job.a);
  if (!a) return blasx::failure(a.error());
  auto b = open_named(job.b);
  if (!b) return blasx::failure(b.error());
  inputs.a = std::move(*a);
  inputs.b = std::move(*b);
  const storage::Description& A = inputs.a.matrix();
  const storage::Description& B = inputs.b.matrix();
  if (A.element != B.element) {
    return refuse(fmt::format("{} has type {}, {} has {}: they must be the same", A.path,
                              storage::element_name(A.element), B.path,
                              storage::element_name(B.element)));
  }
  const bool complex_numbers = storage::is_complex(A.element);
  if (!complex_numbers && (job.alpha.imag() != 0 || job.beta.imag() != 0)) {
    return refuse(fmt::format("{} is real: alpha and beta must be, too", A.path));
  }
  const bool ta = job.op_a != Operation::None;
  const bool tb = job.op_b != Operation::None;
  plan::Problem& problem = inputs.problem;
  problem.m = ta ? A.cols : A.rows;
  problem.k = ta ? A.rows : A.cols;
  problem.n = tb ? B.rows : B.cols;
  if ((tb ? B.cols : B.rows) != problem.k) {
    return refuse(fmt::format("{} and {} cannot be multiplied: {} columns, {} rows",
                              shape(A, job.op_a), shape(B, job.op_b), problem.k,
                              tb ? B.cols : B.rows));
  }
  problem.element_bytes = storage::element_bytes(A.element);
  constexpr int64_t kMostBytes = int64_t{1} << 62;
  if (problem.m > 0 && problem.n > kMostBytes / problem.element_bytes / problem.m) {
    return refuse(fmt::format("{}: a product of {} x {} is too large for any file", job.c_out,
                              problem.m, problem.n));
  }
  problem.complex_numbers = complex_numbers;
  problem.reads_c = job.beta != Scalar(0);
  problem.memory_bytes = job.memory_bytes;
  problem.a_lines = lines_of(A, !ta);
  problem.b_lines = lines_of(B, tb);

  auto output = storage::parse_name(job.c_out);
  if (!output) return blasx::failure(output.error());
  inputs.raw_output = output->raw;
  inputs.output = output->matrix;
  storage::Description& C = inputs.output;
  if (output->raw && (C.rows != problem.m || C.cols != problem.n || C.element != A.element)) {
    return refuse(fmt::format("{}: the product is {} x {} {}", job.c_out, problem.m, problem.n,
                              storage::element_name(A.element)));
  }
  C.rows = problem.m;
  C.cols = problem.n;
  C.element = A.element;
  if (problem.reads_c) {
    auto c = open_named(job.c_in.empty() ? job.c_out : job.c_in);
    if (!c) return blasx::failure(c.error());
    inputs.c = std::move(*c);
    const storage::Description& old = inputs.c.matrix();
    if (old.rows != problem.m || old.cols != problem.n || old.element != A.element) {
      return refuse(fmt::format("{} is {} x {} {}, the product {} x {} {}", old.path, old.rows,
                                old.cols, storage::element_name(old.element), problem.m, problem.n,
                                storage::element_name(A.element)));
    }
    // Read straight into the block it is added to.
    if ((output->raw ? C.order : job.order.value_or(old.order)) != old.order) {
      return refuse(fmt::format("{}: its order, C or Fortran, must be the output's", old.path));
    }
    C.order = old.order;
  } else if (!output->raw) {
    C.order = job.order.value_or(A.order);
  }
  return inputs;
}

std::string identity(const Job& job, const Inputs& inputs, const plan::Plan& plan) {
  return fmt::format(
      "a={} {} b={} {} c={} alpha={:a},{:a} beta={:a},{:a} order={} type={} plan={}x{}x{}{}{}:{}",
      stamp_text(inputs.a), static_cast<char>(job.op_a), stamp_text(inputs.b),
      static_cast<char>(job.op_b), inputs.c.is_open() ? stamp_text(inputs.c) : "-",
      job.alpha.real(), job.alpha.imag(), job.beta.real(), job.beta.imag(),
      inputs.output.order == storage::Order::C ? 'C' : 'F',
      storage::element_name(inputs.output.element), plan.mc, plan.nc, plan.kc,
      plan.by_columns ? "v" : "h", plan.a_products, plan.b_products);
}

}  // namespace ooc_gemm::run
