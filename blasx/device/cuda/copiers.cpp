// SPDX-License-Identifier: Apache-2.0
#include "blasx/device/cuda/copiers.hpp"

#include <sched.h>

#include <system_error>
#include <utility>

#include "blasx/device/worker.hpp"
#include "blasx/topology/limits.hpp"

namespace blasx::device::cuda {

void bind_to(const std::vector<int32_t>& cpus) {
  constexpr int kMostCpus = 1 << 14;
  std::vector<cpu_set_t> mask(kMostCpus / CPU_SETSIZE);
  const size_t bytes = mask.size() * sizeof(cpu_set_t);
  bool any = false;
  for (const int32_t allowed : topology::affinity_cpus()) {
    for (const int32_t cpu : cpus) {
      if (cpu != allowed || cpu >= kMostCpus) continue;
      CPU_SET_S(static_cast<size_t>(cpu), bytes, mask.data());
      any = true;
    }
  }
  // A refusal leaves the thread where the system put it.
  if (any) (void)::sched_setaffinity(0, bytes, mask.data());
}

Copiers::Copiers(const std::string& name, int32_t threads, const std::vector<int32_t>& cpus) {
  for (int32_t i = 0; i < threads || threads_.empty(); ++i) {
    try {
      threads_.push_back(start_worker_thread(name + " copy", [this, cpus] {
        bind_to(cpus);
        loop();
      }));
    } catch (const std::system_error&) {
      if (threads_.empty()) throw;
      break;  // fewer are slower, not wrong
    }
  }
}

Copiers::~Copiers() {
  {
    MutexLock lock(mutex_);
    stop_ = true;
    ready_.notify_all();
  }
  for (std::thread& thread : threads_) thread.join();
}

void Copiers::post(When when, std::function<void()> job) {
  MutexLock lock(mutex_);
  jobs_[static_cast<size_t>(when)].push_back(std::move(job));
  ready_.notify_one();
}

void Copiers::loop() {
  while (true) {
    std::function<void()> job;
    {
      MutexLock lock(mutex_);
      auto& [soon, later] = jobs_;
      while (soon.empty() && later.empty() && !stop_) ready_.wait(mutex_);
      if (soon.empty() && later.empty()) return;
      auto& jobs = soon.empty() ? later : soon;
      job = std::move(jobs.front());
      jobs.pop_front();
    }
    job();
  }
}

}  // namespace blasx::device::cuda
