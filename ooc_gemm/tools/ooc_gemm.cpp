// SPDX-License-Identifier: Apache-2.0
// ooc-gemm: multiplies matrices in files, however large, in the memory given.
#include <fmt/format.h>
#include <ooc_gemm/ooc_gemm.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <string>

#include "common/parse.hpp"
#include "common/program/command_line.hpp"
#include "ooc_gemm/tools/progress_line.hpp"

namespace {

namespace parse = blasx::parse;

struct Options {
  std::string a, b, c_in, output, memory = "1G", alpha = "1", beta = "0", order;
  bool transpose_a = false, transpose_b = false, adjoint_a = false, adjoint_b = false;
  bool accumulate = false, verify = false, plan_only = false, quiet = false;
  int threads = 4;
  uint64_t seed = 1;
};

constexpr const char* kTeach = R"(
C = alpha op(A) op(B) + beta C0 for matrices in files that need not fit into memory.

Files are NumPy's .npy (numpy.save of a matrix; f4, f8, c8, c16; C or Fortran order), or raw files named with their
shape: data.bin@1000x2000:f8, and :F behind it for Fortran order.

  ooc-gemm A.npy B.npy -o C.npy --memory 2G         the product, within 2 GiB
  ooc-gemm A.npy B.npy -o C.npy --plan              what that would read and write, and how long it would take
  ooc-gemm A.npy B.npy -o C.npy --verify            is C.npy the product? one pass over each file
  ooc-gemm A.npy A.npy -t -o C.npy                  A transposed times A
  ooc-gemm A.npy B.npy -o C.npy --accumulate        C.npy += A B, safely: the old C.npy stays until the new one is whole

Interrupted (Ctrl-C) or killed, the same command continues where it was; no finished block is computed again, and the
result has the same bytes. Until it is whole, the result is C.npy.part with C.npy.part.journal beside it.

The products of what is in memory are ordinary BLAS calls, answered by libblasx and so by all its devices (BLASX_DEVICES
and the other settings count), or by whatever BLAS is preloaded: LD_PRELOAD=libopenblas.so.0 ooc-gemm ...
)";

std::atomic<bool> interrupted{false};
void on_signal(int) { interrupted = true; }

// "2", "-0.5", "1,-2" (real and imaginary part)
bool parse_factor(const std::string& text, double (&factor)[2]) {
  const auto pieces = parse::split(text, ',');
  if (pieces.empty() || pieces.size() > 2) return false;
  factor[1] = 0;
  for (size_t i = 0; i < pieces.size(); ++i) {
    const auto value = parse::real(pieces[i]);
    if (!value) return false;
    factor[i] = *value;
  }
  return true;
}

int complain(const std::string& text, int status) {
  fmt::print(stderr, "ooc-gemm: {}\n", text);
  return status;
}

void print_plan(const ooc_gemm_plan& plan, int64_t memory_bytes) {
  const double moved = static_cast<double>(plan.read_bytes + plan.written_bytes);
  fmt::print("plan: {} x {} x {}: {} of C, {} x {}; {} each, {} deep\n", plan.m, plan.n, plan.k,
             plan.blocks == 1 ? "1 block" : fmt::format("{} blocks", plan.blocks), plan.block_m,
             plan.block_n, plan.panels == 1 ? "1 panel" : fmt::format("{} panels", plan.panels),
             plan.block_k);
  fmt::print("      memory {} of {}; reads {}, writes {}: {:.2f} of the lower bound {}\n",
             parse::human_bytes(static_cast<double>(plan.buffer_bytes)),
             parse::human_bytes(static_cast<double>(memory_bytes)),
             parse::human_bytes(static_cast<double>(plan.read_bytes)),
             parse::human_bytes(static_cast<double>(plan.written_bytes)),
             plan.lower_bound_bytes > 0 ? moved / plan.lower_bound_bytes : 1,
             parse::human_bytes(plan.lower_bound_bytes));
  fmt::print("      predicted {}, bound by {} (arithmetic {}, storage {})\n",
             parse::human_seconds(plan.total_s),
             plan.storage_s > plan.compute_s ? "storage" : "arithmetic",
             parse::human_seconds(plan.compute_s), parse::human_seconds(plan.storage_s));
  std::fflush(stdout);
}

void print_end(const ooc_gemm_progress& last) {
  if (last.blocks == 0) {
    fmt::print("done: an earlier run had finished\n");
    return;
  }
  fmt::print(
      "done: {} in {}: {:.1f} GFLOP/s; read {}, wrote {}{}; {:.0f} % in the BLAS, {:.1f} % waiting "
      "for storage\n",
      last.blocks_done == 1 ? "1 block" : fmt::format("{} blocks", last.blocks_done),
      parse::human_seconds(last.seconds), last.operations_done / last.seconds / 1e9,
      parse::human_bytes(static_cast<double>(last.read_bytes)),
      parse::human_bytes(static_cast<double>(last.written_bytes)),
      last.read_bytes == last.read_bytes_planned && last.written_bytes == last.written_bytes_planned
          ? ", as planned"
          : "",
      100 * last.multiplying_s / last.seconds, 100 * last.waiting_s / last.seconds);
}

int carry_out(const Options& options, const ooc_gemm_job& job) {
  if (options.verify) {
    double worst = 0;
    const int status = ooc_gemm_verify(&job, options.seed, &worst);
    if (status != OOC_GEMM_OK) return complain(ooc_gemm_error(), status);
    if (!options.quiet)
      fmt::print("{}: right: largest error {:.2g} of what rounding may cause\n", job.c_out, worst);
    return 0;
  }
  ooc_gemm_plan plan{};
  plan.size = sizeof(plan);
  if (!options.quiet || options.plan_only) {
    const int status = ooc_gemm_make_plan(&job, 1, &plan);
    if (status != OOC_GEMM_OK) return complain(ooc_gemm_error(), status);
    print_plan(plan, job.memory_bytes);
  }
  if (options.plan_only) return 0;
  (void)std::signal(SIGINT, on_signal);
  (void)std::signal(SIGTERM, on_signal);
  struct State {
    ooc_gemm::tools::ProgressLine line;
    bool told;
    void tell(const ooc_gemm_progress& now) {
      if (!told && now.blocks_kept > 0) {
        fmt::print("continuing: {} of {} blocks were finished\n", now.blocks_kept, now.blocks);
        std::fflush(stdout);
      }
      told = true;
    }
  } state{{!options.quiet, isatty(STDERR_FILENO) == 1}, options.quiet};
  ooc_gemm_progress last{};
  last.size = sizeof(last);
  const auto step = [](const ooc_gemm_progress* now, void* context) {
    auto& shown = *static_cast<State*>(context);
    shown.tell(*now);
    shown.line.show(*now);
    return interrupted ? 1 : 0;
  };
  const int status = ooc_gemm_run(&job, step, &state, &last);
  state.line.end();
  if (status == OOC_GEMM_CANCELLED) return complain("interrupted; the same command continues", 130);
  if (status != OOC_GEMM_OK) return complain(ooc_gemm_error(), status);
  state.tell(last);  // a run that had nothing left to multiply
  if (!options.quiet) print_end(last);
  return 0;
}

}  // namespace

// NOLINTNEXTLINE(bugprone-exception-escape): out of memory, a program may end so
int main(int argc, char** argv) {
  Options options;
  CLI::App app{kTeach, "ooc-gemm"};
  app.set_version_flag("--version", "ooc-gemm " BLASX_VERSION);
  app.add_option("A", options.a, "left operand")->required();
  app.add_option("B", options.b, "right operand")->required();
  app.add_option("-o,--output", options.output, "where the product goes")->required();
  app.add_option("-m,--memory", options.memory, "for all matrix data held at a time: 192M, 2G")
      ->capture_default_str();
  app.add_flag("-t,--transpose-a", options.transpose_a, "A transposed; no copy is made");
  app.add_flag("-T,--transpose-b", options.transpose_b, "B transposed");
  app.add_flag("--adjoint-a", options.adjoint_a, "A conjugated and transposed");
  app.add_flag("--adjoint-b", options.adjoint_b, "B conjugated and transposed");
  app.add_option("--alpha", options.alpha, "a number, or two with a comma for a complex one")
      ->capture_default_str();
  app.add_option("--beta", options.beta, "factor of C0")->capture_default_str();
  app.add_option("-c,--c-in", options.c_in, "C0, when it is not the output itself");
  app.add_flag("--accumulate", options.accumulate, "beta is 1: C += A B");
  app.add_option("--order", options.order, "of the output: C or F (default: C0's, else A's)")
      ->check(CLI::IsMember({"C", "F"}));
  app.add_option("--threads", options.threads, "that read and write")
      ->capture_default_str()
      ->check(CLI::Range(1, 256));
  app.add_flag("--plan", options.plan_only, "print the plan and end");
  app.add_flag("--verify", options.verify, "check the output instead: status 5 when it is wrong");
  app.add_option("--seed", options.seed, "of the vector that --verify takes")
      ->capture_default_str();
  app.add_flag("-q,--quiet", options.quiet, "say nothing but errors");
  if (const auto status = blasx::parse_command_line(app, argc, argv)) return *status;

  ooc_gemm_job job = OOC_GEMM_JOB_INIT;
  job.a = options.a.c_str();
  job.b = options.b.c_str();
  job.c_in = options.c_in.empty() ? nullptr : options.c_in.c_str();
  job.c_out = options.output.c_str();
  job.op_a = options.adjoint_a ? 'C' : options.transpose_a ? 'T' : 'N';
  job.op_b = options.adjoint_b ? 'C' : options.transpose_b ? 'T' : 'N';
  job.order = options.order.empty() ? '\0' : options.order[0];
  job.threads = options.threads;
  const auto memory = parse::bytes(options.memory);
  if (!memory)
    return complain("--memory " + options.memory + ": " + memory.error().message(),
                    OOC_GEMM_INVALID);
  job.memory_bytes = *memory;
  if (!parse_factor(options.alpha, job.alpha))
    return complain("--alpha " + options.alpha + ": not a number", 2);
  if (!parse_factor(options.beta, job.beta))
    return complain("--beta " + options.beta + ": not a number", 2);
  if (options.accumulate) job.beta[0] = 1;
  return carry_out(options, job);
}
