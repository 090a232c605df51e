// SPDX-License-Identifier: Apache-2.0
// Threads that do the same thing at the same time, timed. No state.
#pragma once

#include <algorithm>
#include <barrier>
#include <cstdint>
#include <ctime>
#include <thread>
#include <vector>

namespace blasx::tools {

// Of the calling thread: what others take of a shared machine does not count.
inline double processor_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// Runs prepare(i) once and work(i) in each round on thread i of `threads`, all beginning together; the least processor
// time that a round took, averaged over the threads.
template <typename Prepare, typename Work>
double best_round(int32_t threads, int rounds, Prepare&& prepare, Work&& work) {
  std::barrier together(threads);
  std::vector<std::vector<double>> seconds(static_cast<size_t>(threads));
  const auto body = [&](int32_t i) {
    prepare(i);
    for (int round = 0; round < rounds; ++round) {
      together.arrive_and_wait();
      const double start = processor_seconds();
      work(i);
      seconds[static_cast<size_t>(i)].push_back(processor_seconds() - start);
    }
  };
  std::vector<std::thread> crew;
  for (int32_t i = 1; i < threads; ++i) crew.emplace_back(body, i);
  body(0);
  for (std::thread& t : crew) t.join();
  double best = 1e300;
  for (size_t round = 0; round < static_cast<size_t>(rounds); ++round) {
    double sum = 0;
    for (const auto& of_thread : seconds) sum += of_thread[round];
    best = std::min(best, sum / threads);
  }
  return best;
}

}  // namespace blasx::tools
