// SPDX-License-Identifier: Apache-2.0
// A T for the whole process, never destroyed, that a forked child can replace: another thread of
// its parent may have held the lock inside. Static objects of this type own all their generations.
#pragma once

#include <atomic>

namespace blasx::trace {

template <typename T>
class Renewable {
 public:
  T& get() { return current_.load(std::memory_order_acquire)->value; }
  // Old ones stay with whoever still uses them (and reachable, so that leak checkers know it is
  // meant).
  T& renew() {
    auto* fresh = new Generation;
    fresh->before = current_.exchange(fresh, std::memory_order_acq_rel);
    return fresh->value;
  }

 private:
  struct Generation {
    T value;
    Generation* before = nullptr;
  };
  std::atomic<Generation*> current_{new Generation};
};

}  // namespace blasx::trace
