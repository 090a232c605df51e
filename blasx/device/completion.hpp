// SPDX-License-Identifier: Apache-2.0
// Where devices report finished operations: many producers (device threads), one consumer (the driver of the call).
// The queue owns the reports until they are taken.
#pragma once

#include <cstdint>
#include <vector>

#include "blasx/schedule/protocol.hpp"
#include "common/mutex.hpp"

namespace blasx::device {

struct Completion {
  schedule::OpId op = schedule::OpId::None;
  bool ok = true;
  schedule::DeviceId lost =
      schedule::DeviceId::Home;  // if !ok: the device that is gone, Home if none
  int64_t start_ns = 0;          // steady clock
  int64_t end_ns = 0;
};

class CompletionQueue {
 public:
  // Any thread.
  void push(const Completion& c);
  // The driver: waits for at least one report and takes all of them into `out` (cleared first).
  void wait(std::vector<Completion>& out);

 private:
  Mutex mutex_;
  CondVar ready_;
  std::vector<Completion> reports_ BLASX_GUARDED_BY(mutex_);
};

}  // namespace blasx::device
