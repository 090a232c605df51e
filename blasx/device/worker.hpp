// SPDX-License-Identifier: Apache-2.0
// One thread that works off a FIFO of jobs. It owns the thread and the jobs not yet begun; any thread may post.
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <thread>
#include <utility>

#include "common/mutex.hpp"

namespace blasx::device {

// Starts a thread that has a name for debuggers and takes none of the host program's signals.
// Throws std::system_error if the system refuses.
std::thread start_worker_thread(const std::string& name, std::function<void()> body);

template <typename Job>
class Worker {
 public:
  // Throws std::system_error if the system refuses a thread.
  Worker(const std::string& name, std::function<void(Job&)> run)
      : run_(std::move(run)), thread_(start_worker_thread(name, [this] { loop(); })) {}

  // Finishes what was posted, then joins.
  ~Worker() {
    {
      MutexLock lock(mutex_);
      stop_ = true;
      ready_.notify_one();
    }
    thread_.join();
  }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void post(Job job) {
    MutexLock lock(mutex_);
    jobs_.push_back(std::move(job));
    ready_.notify_one();
  }
  // Leaves an idle thread asleep: somebody must call wake().
  void post_asleep(Job job) {
    MutexLock lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  void wake() {
    MutexLock lock(mutex_);
    ready_.notify_one();
  }

 private:
  void loop() {
    while (true) {
      Job job;
      {
        MutexLock lock(mutex_);
        while (jobs_.empty() && !stop_) ready_.wait(mutex_);
        if (jobs_.empty()) return;
        job = std::move(jobs_.front());
        jobs_.pop_front();
      }
      run_(job);
    }
  }

  Mutex mutex_;
  CondVar ready_;
  std::deque<Job> jobs_ BLASX_GUARDED_BY(mutex_);
  bool stop_ BLASX_GUARDED_BY(mutex_) = false;
  std::function<void(Job&)> run_;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace blasx::device
