// SPDX-License-Identifier: Apache-2.0
// std::mutex and its companions with the annotations that let clang check who holds what
// (libstdc++'s own carry none). Owners embed a Mutex and mark their members BLASX_GUARDED_BY it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "common/thread_annotations.hpp"

namespace blasx {

class BLASX_CAPABILITY("mutex") Mutex {
 public:
  void lock() BLASX_ACQUIRE() { mutex_.lock(); }
  void unlock() BLASX_RELEASE() { mutex_.unlock(); }
  bool try_lock() BLASX_TRY_ACQUIRE(true) { return mutex_.try_lock(); }

 private:
  friend class CondVar;
  std::mutex mutex_;
};

class BLASX_SCOPED_CAPABILITY MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) BLASX_ACQUIRE(mutex) : mutex_(mutex) { mutex_.lock(); }
  ~MutexLock() BLASX_RELEASE() { mutex_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

// Waits are always inside a loop over the condition: `while (queue_.empty()) ready_.wait(mutex_);`
class CondVar {
 public:
  // Borrows the held std::mutex for the wait, so that the plain condition variable can be used.
  void wait(Mutex& mutex) BLASX_REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    condition_.wait(lock);
    lock.release();
  }
  // The same, but not longer than `limit`.
  void wait_for(Mutex& mutex, std::chrono::nanoseconds limit) BLASX_REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    condition_.wait_for(lock, limit);
    lock.release();
  }
  void notify_one() { condition_.notify_one(); }
  void notify_all() { condition_.notify_all(); }

 private:
  std::condition_variable condition_;
};

}  // namespace blasx
