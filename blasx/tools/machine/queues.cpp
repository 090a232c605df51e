// SPDX-License-Identifier: Apache-2.0
#include <pthread.h>

#include <atomic>
#include <chrono>

#include "blasx/device/completion.hpp"
#include "blasx/device/worker.hpp"
#include "blasx/hostblas/host_threads.hpp"
#include "blasx/hostblas/kernels.hpp"
#include "blasx/tools/machine/crew.hpp"
#include "blasx/tools/machine/measure.hpp"

namespace blasx::tools {
namespace {

using Clock = std::chrono::steady_clock;
constexpr double kLongestSeconds =
    0.25;  // a thread that is woken on a busy core may wait for its turn

// Threads that compute until they are told to stop.
class Busy {
 public:
  explicit Busy(int32_t threads) {
    for (int32_t i = 0; i < threads; ++i) threads_.emplace_back([this, i] { compute(i); });
    while (computing_.load() < threads) std::this_thread::yield();
  }
  ~Busy() {
    stop_.store(true);
    for (std::thread& t : threads_) t.join();
  }
  Busy(const Busy&) = delete;
  Busy& operator=(const Busy&) = delete;

  double processor_seconds() {
    double sum = 0;
    for (std::thread& t : threads_) {
      clockid_t clock{};
      if (::pthread_getcpuclockid(t.native_handle(), &clock) == 0) sum += clock_seconds(clock);
    }
    return sum;
  }

 private:
  void compute(int32_t core) {
    constexpr int64_t kEdge = 256;
    stay_on_core(core);
    std::vector<double> x(3 * kEdge * kEdge, 0.5 / kEdge);
    tile::Step step;
    step.kernel = tile::Kernel::Gemm;
    step.m = step.n = step.k = kEdge;
    step.beta = 0;
    double* const a = x.data();
    double* const b = a + kEdge * kEdge;
    computing_.fetch_add(1);
    while (!stop_.load())
      hostblas::run_step(Type::D, step, a, kEdge, b, kEdge, b + kEdge * kEdge, kEdge);
  }

  std::atomic<bool> stop_{false};
  std::atomic<int32_t> computing_{0};
  std::vector<std::thread> threads_;  // last: they use all of the above
};

// Kernels that do nothing, one at a time, each told of before the next: how many.
int hand_over(int times) {
  device::CompletionQueue reports;
  device::Worker<int> worker("measure", [&](int&) { reports.push({}); });
  std::vector<device::Completion> out;
  const auto until = Clock::now() + std::chrono::duration<double>(kLongestSeconds);
  int done = 0;
  for (; done < times && Clock::now() < until; ++done) {
    worker.post(done);
    reports.wait(out);
  }
  return done;
}

}  // namespace

double round_trip_seconds() {
  const auto start = Clock::now();
  const int done = hand_over(500);
  return std::chrono::duration<double>(Clock::now() - start).count() / done;
}

HandOver hand_over_beside_kernels(int32_t threads) {
  const hostblas::ScopedSingleThread single;
  Busy busy(threads);
  const auto began = Clock::now();
  const double start = clock_seconds(CLOCK_PROCESS_CPUTIME_ID) - busy.processor_seconds();
  const int done = hand_over(2000);
  const double used = clock_seconds(CLOCK_PROCESS_CPUTIME_ID) - busy.processor_seconds() - start;
  return {used / done, std::chrono::duration<double>(Clock::now() - began).count() / done};
}

}  // namespace blasx::tools
