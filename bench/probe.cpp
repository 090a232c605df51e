// SPDX-License-Identifier: Apache-2.0
#include "bench/probe.hpp"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

namespace blasx::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kSpinSeconds = 0.006;
constexpr int kChains =
    10;  // independent sums: enough to cover the latency of a multiply-add on two pipes
constexpr int kRounds = 2000;

using Vector16 = double __attribute__((vector_size(16)));
using Vector32 = double __attribute__((vector_size(32)));
using Vector64 = double __attribute__((vector_size(64)));

// Keeps the spinning from being optimised away; all spinners write it.
std::atomic<double> g_sink;

// kRounds multiply-adds in each chain; the values stay near 1.
template <typename Vector>
[[gnu::always_inline]] inline void multiply_add() {
  Vector sums[kChains];
  const Vector factor = Vector{} + 0.999999, term = Vector{} + 1e-6;
  for (int i = 0; i < kChains; ++i) sums[i] = Vector{} + (1.0 + i * 1e-3);
  for (int r = 0; r < kRounds; ++r) {
#pragma GCC unroll 10
    for (Vector& sum : sums) sum = sum * factor + term;
  }
  double all = 0;
  for (const Vector& sum : sums) all += sum[0];
  g_sink.store(all, std::memory_order_relaxed);
}

struct Spinner {
  void (*run)();
  int lanes;
};

#if defined(__x86_64__)
[[gnu::target("avx512f")]] void spin_64() { multiply_add<Vector64>(); }
[[gnu::target("avx2,fma")]] void spin_32() { multiply_add<Vector32>(); }
#endif
void spin_16() { multiply_add<Vector16>(); }

Spinner widest() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) return {spin_64, 8};
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return {spin_32, 4};
#endif
  return {spin_16, 2};
}

std::vector<int> allowed_processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> found;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return {0};
  for (int i = 0; i < CPU_SETSIZE; ++i) {
    if (CPU_ISSET(i, &set)) found.push_back(i);
  }
  return found;
}

void pin(int processor) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(processor, &set);
  sched_setaffinity(0, sizeof set, &set);  // refused: the spinner runs where it is put
}

double spin_on(const std::vector<int>& processors, size_t count) {
  std::atomic<size_t> waiting{count};
  std::vector<double> rates(count);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < count; ++i) {
    threads.emplace_back([&, i] {
      pin(processors[i % processors.size()]);
      waiting.fetch_sub(1);
      while (waiting.load() != 0) std::this_thread::yield();
      rates[i] = spin_rate(kSpinSeconds);
    });
  }
  for (std::thread& thread : threads) thread.join();
  double sum = 0;
  for (const double rate : rates) sum += rate;
  return sum;
}

}  // namespace

double spin_rate(double seconds) {
  static const Spinner spinner = widest();
  const auto start = Clock::now();
  double elapsed = 0;
  double operations = 0;
  while (elapsed < seconds) {
    spinner.run();
    operations += 2.0 * kChains * kRounds * spinner.lanes;
    elapsed = std::chrono::duration<double>(Clock::now() - start).count();
  }
  return operations / elapsed;
}

bool scales(const ProbeResult& result, int threads, double best_alone, double part) {
  return result.together >= part * threads * std::max(result.alone, best_alone);
}

ScalingProbe::ScalingProbe(int threads, double part)
    : threads_(threads), part_(part), processors_(allowed_processors()) {}

ProbeResult ScalingProbe::run() const {
  ProbeResult result;
  result.alone = spin_on(processors_, 1);
  result.together =
      threads_ > 1 ? spin_on(processors_, static_cast<size_t>(threads_)) : result.alone;
  return result;
}

bool ScalingProbe::good() {
  if (threads_ <= 1 && best_alone_ > 0) return true;
  results_.push_back(run());
  best_alone_ = std::max(best_alone_, results_.back().alone);
  return threads_ <= 1 || scales(results_.back(), threads_, best_alone_, part_);
}

double ScalingProbe::peak_operations_per_second() const { return best_alone_ * threads_; }

}  // namespace blasx::bench
