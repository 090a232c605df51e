// SPDX-License-Identifier: Apache-2.0
#include "clients/nn/device/mover.hpp"

#include <cstring>

namespace nn {

Mover::~Mover() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

int64_t Mover::copy(void* to, const void* from, int64_t bytes) {
  if (!thread_.joinable()) thread_ = std::thread(&Mover::work, this);
  const std::lock_guard lock(mutex_);
  waiting_.push_back({to, from, static_cast<size_t>(bytes)});
  changed_.notify_all();
  return ++told_;
}

void Mover::wait(int64_t number) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return done_ >= number; });
}

void Mover::finish() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return done_ == told_; });
}

void Mover::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] { return ends_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    const Copy next = waiting_.front();
    waiting_.pop_front();
    lock.unlock();
    std::memcpy(next.to, next.from, next.bytes);
    lock.lock();
    ++done_;
    changed_.notify_all();
  }
}

}  // namespace nn
