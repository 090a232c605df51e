// SPDX-License-Identifier: Apache-2.0
#include "blasx/device/completion.hpp"

namespace blasx::device {

void CompletionQueue::push(const Completion& c) {
  MutexLock lock(mutex_);
  reports_.push_back(c);
  // Under the lock: the driver may destroy the queue as soon as it has the last report.
  ready_.notify_one();
}

void CompletionQueue::wait(std::vector<Completion>& out) {
  out.clear();
  MutexLock lock(mutex_);
  while (reports_.empty()) ready_.wait(mutex_);
  out.swap(reports_);
}

}  // namespace blasx::device
