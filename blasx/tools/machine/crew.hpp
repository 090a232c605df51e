// SPDX-License-Identifier: Apache-2.0
// Threads that do the same thing at the same time, timed. No state.
#pragma once

#include <sched.h>

#include <algorithm>
#include <barrier>
#include <cstdint>
#include <ctime>
#include <thread>
#include <vector>

namespace blasx::tools {

// Of one clock; of the calling thread, what others take of a shared machine does not count.
inline double clock_seconds(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// Keeps the calling thread on the i-th of the processors it may use, in turns where threads are more.
inline void stay_on_core(int32_t i) {
  cpu_set_t usable;
  if (::sched_getaffinity(0, sizeof usable, &usable) != 0) return;
  int32_t wanted = i % CPU_COUNT(&usable);
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &usable) || wanted-- > 0) continue;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    ::sched_setaffinity(0, sizeof one, &one);
    return;
  }
}

// Runs prepare(i) once and, in each round, before(i) and work(i) on thread i of `threads`, each on a core of its own, all beginning
// work together. Of each thread the median of the processor time that its rounds' work took: what a run will meet, neither luck nor a
// bad moment.
template <typename Prepare, typename Before, typename Work>
std::vector<double> usual_round(int32_t threads, int rounds, Prepare&& prepare, Before&& before,
                                Work&& work) {
  std::barrier together(threads);
  std::vector<std::vector<double>> seconds(static_cast<size_t>(threads));
  const auto body = [&](int32_t i) {
    stay_on_core(i);
    prepare(i);
    for (int round = 0; round < rounds; ++round) {
      before(i);
      together.arrive_and_wait();
      const double start = clock_seconds(CLOCK_THREAD_CPUTIME_ID);
      work(i);
      seconds[static_cast<size_t>(i)].push_back(clock_seconds(CLOCK_THREAD_CPUTIME_ID) - start);
    }
  };
  std::vector<std::thread> crew;
  crew.reserve(static_cast<size_t>(threads));
  for (int32_t i = 0; i < threads; ++i) crew.emplace_back(body, i);
  for (std::thread& t : crew) t.join();
  std::vector<double> usual;
  usual.reserve(seconds.size());
  for (auto& of_thread : seconds) {
    const auto middle = of_thread.begin() + rounds / 2;
    std::nth_element(of_thread.begin(), middle, of_thread.end());
    usual.push_back(*middle);
  }
  return usual;
}

}  // namespace blasx::tools
