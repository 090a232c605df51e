// SPDX-License-Identifier: Apache-2.0
// A product of files in a little memory against OpenBLAS with everything in memory: with the files in the page cache, and
// with none of them there. Turn by turn in one process.
#include <fcntl.h>
#include <fmt/format.h>
#include <ooc_gemm/ooc_gemm.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <thread>

#include "bench/harness.hpp"
#include "bench/ooc_gemm/matrix_file.hpp"
#include "bench/options.hpp"
#include "bench/peers/blas_library.hpp"
#include "common/program/command_line.hpp"

namespace {

using namespace blasx::bench;  // NOLINT(google-build-using-namespace)

struct Options {
  int n = 8192;
  int64_t memory_mib = 192;
  std::string folder = ".";
  std::string peer = "libopenblas.so.0";
  Settings settings;
};

void check(int status) {
  if (status != OOC_GEMM_OK) throw std::runtime_error(ooc_gemm_error());
}

// The peer's matrices are in memory before it is timed. Ours is new with each run, and where the host of a virtual machine
// has taken back what was free, asking for it again costs half a second: that is the host's, and done before.
void have_memory(size_t bytes) {
  void* taken = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (taken == MAP_FAILED) return;
  madvise(taken, bytes, MADV_HUGEPAGE);
  std::memset(taken, 1, bytes);
  munmap(taken, bytes);
}

// The files, and the job that multiplies them; gone with it.
class Files {
 public:
  Files(const Options& options, const std::vector<double>& a, const std::vector<double>& b)
      : stem_(options.folder + "/bench-ooc-gemm-" + std::to_string(getpid())) {
    write_matrix(a_, options.n, a);
    write_matrix(b_, options.n, b);
    job_.a = a_.c_str();
    job_.b = b_.c_str();
    job_.c_out = c_.c_str();
    job_.memory_bytes = options.memory_mib << 20;
  }
  ~Files() {
    for (const std::string* path : {&a_, &b_, &c_}) std::remove(path->c_str());
  }
  Files(const Files&) = delete;
  Files& operator=(const Files&) = delete;

  void make_ready(bool cached) const {
    std::remove(c_.c_str());
    for (const std::string* path : {&a_, &b_})
      cached ? bring_into_cache(*path) : drop_from_cache(*path);
    sync();  // what others have to write is not ours to wait for
    have_memory(static_cast<size_t>(job_.memory_bytes));
  }
  void run(ooc_gemm_progress& last) const {
    last.size = sizeof(last);
    check(ooc_gemm_run(&job_, nullptr, nullptr, &last));
  }
  const ooc_gemm_job& job() const { return job_; }

 private:
  std::string stem_;
  std::string a_ = stem_ + "-a.npy";
  std::string b_ = stem_ + "-b.npy";
  std::string c_ = stem_ + "-c.npy";
  ooc_gemm_job job_ = OOC_GEMM_JOB_INIT;
};

int run(const Options& options) {
  const BlasLibrary peer(options.peer);
  peer.set_threads(options.settings.threads);
  auto* gemm = peer.as<Level3<double>::Gemm>("dgemm");
  const int n = options.n;
  const std::vector<double> a = random_elements(int64_t{n} * n, 1);
  const std::vector<double> b = random_elements(int64_t{n} * n, 2);
  std::vector<double> c(a.size());
  const Files files(options, a, b);
  ooc_gemm_plan plan{};
  plan.size = sizeof(plan);
  check(ooc_gemm_make_plan(&files.job(), 0, &plan));

  Harness harness("ooc_gemm", peer.description(), options.settings);
  harness.report().ours = "ooc_gemm";
  harness.report().peer = "in memory";
  std::string notes;
  for (const bool cached : {true, false}) {
    ooc_gemm_progress last{};
    harness.run({.name = fmt::format("dgemm n={} in {} MiB, {}", n, options.memory_mib,
                                     cached ? "cached" : "not cached"),
                 .group = "",
                 .operations = plan.operations,
                 .ours = [&] { files.run(last); },
                 .peer =
                     [&] {
                       gemm(kColMajor, kNoTrans, kNoTrans, n, n, n, 1, a.data(), n, b.data(), n, 0,
                            c.data(), n);
                     },
                 .prepare = [&] { files.make_ready(cached); }});
    // The last pair may have been called off after its output was removed.
    files.make_ready(cached);
    files.run(last);
    double worst = 0;
    check(ooc_gemm_verify(&files.job(), 1, &worst));
    notes += fmt::format(
        "{}: read {} of {} bytes planned, wrote {} of {}; {:.2f} of the lower bound; {:.1f} % in "
        "the BLAS, "
        "{:.1f} % waiting for storage; verified ({:.2g} of what rounding may cause)\n",
        cached ? "cached" : "not cached", last.read_bytes, plan.read_bytes, last.written_bytes,
        plan.written_bytes,
        static_cast<double>(last.read_bytes + last.written_bytes) / plan.lower_bound_bytes,
        100 * last.multiplying_s / last.seconds, 100 * last.waiting_s / last.seconds, worst);
  }
  const int status = harness.finish();
  fmt::print("blocks {} x {}, panels {} deep\n{}", plan.block_m, plan.block_n, plan.block_k, notes);
  return status;
}

}  // namespace

// NOLINTNEXTLINE(bugprone-exception-escape): out of memory, a program may end so
int main(int argc, char** argv) {
  Options options;
  options.settings.threads = static_cast<int>(std::thread::hardware_concurrency());
  options.settings.settle_seconds = 0.04;
  options.settings.samples = 5;
  CLI::App app("A product of files in a little memory against OpenBLAS with everything in memory");
  app.add_option("--size", options.n, "n")->capture_default_str();
  app.add_option("--memory", options.memory_mib, "MiB of it")->capture_default_str();
  app.add_option("--folder", options.folder, "Where the files are, on the disk that is measured")
      ->capture_default_str();
  app.add_option("--peer", options.peer, "The BLAS in memory")->capture_default_str();
  app.add_option("--threads", options.settings.threads,
                 "Threads of the peer; OPENBLAS_NUM_THREADS has ours")
      ->capture_default_str();
  add_settings(app, options.settings);
  if (const auto status = blasx::parse_command_line(app, argc, argv)) return *status;
  options.settings.command = command_line(argc, argv);
  try {
    return run(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_ooc_gemm: %s\n", error.what());
    return 1;
  }
}
