// SPDX-License-Identifier: Apache-2.0
#include "blasx/device/cuda/engine.hpp"

#include <sys/prctl.h>

#include <chrono>
#include <utility>

#include "blasx/device/cuda/copiers.hpp"
#include "blasx/device/worker.hpp"

namespace blasx::device::cuda {
namespace {

// Kernels take hundreds of microseconds: the thread asks so many times in a row, then sleeps a little between two questions.
constexpr int kAskedAtOnce = 20;
constexpr std::chrono::nanoseconds kNap{10'000};
constexpr unsigned long kTimerSlack_ns = 1'000;

}  // namespace

Engine::Engine(const std::string& name, const std::vector<int32_t>& cpus,
               std::function<State()> poll)
    : poll_(std::move(poll)), thread_(start_worker_thread(name, [this, cpus] {
        bind_to(cpus);
        (void)::prctl(PR_SET_TIMERSLACK, kTimerSlack_ns);  // or a nap would last five times as long
        loop();
      })) {}

Engine::~Engine() {
  {
    MutexLock lock(mutex_);
    stop_ = true;
    ready_.notify_one();
  }
  thread_.join();
}

void Engine::post(std::function<void()> job) {
  MutexLock lock(mutex_);
  jobs_.push_back(std::move(job));
  ready_.notify_one();
}

void Engine::run(const std::function<void()>& job) {
  bool done = false;
  post([&] {
    job();
    MutexLock lock(mutex_);
    done = true;
    over_.notify_all();
  });
  MutexLock lock(mutex_);
  while (!done) over_.wait(mutex_);
}

bool Engine::take(std::vector<std::function<void()>>& jobs, State state, int& patience) {
  jobs.clear();
  MutexLock lock(mutex_);
  if (jobs_.empty() && state == State::Waiting && --patience <= 0) {
    ready_.wait_for(mutex_, kNap);
    patience = 1;
  }
  while (jobs_.empty() && state == State::Idle && !stop_) ready_.wait(mutex_);
  jobs.swap(jobs_);
  return !(jobs.empty() && stop_ && state == State::Idle);
}

void Engine::loop() {
  std::vector<std::function<void()>> jobs;
  State state = State::Idle;
  int patience = kAskedAtOnce;
  while (take(jobs, state, patience)) {
    for (const auto& job : jobs) job();
    state = poll_();
    if (!jobs.empty() || state == State::Progress) patience = kAskedAtOnce;
  }
}

}  // namespace blasx::device::cuda
