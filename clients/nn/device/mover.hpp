// SPDX-License-Identifier: Apache-2.0
// Copies memory beside the computation, in the order it was told. One caller; its thread begins with the first copy.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <thread>

namespace nn {

class Mover {
 public:
  Mover() = default;
  Mover(const Mover&) = delete;
  Mover& operator=(const Mover&) = delete;
  ~Mover();  // finishes what it was told

  // The copy's number; both buffers must stay until it is done.
  int64_t copy(void* to, const void* from, int64_t bytes);
  void wait(int64_t number);
  void finish();  // waits for all of them

 private:
  struct Copy {
    void* to;
    const void* from;
    size_t bytes;
  };
  void work();

  std::mutex mutex_;  // guards all below but the thread
  std::condition_variable changed_;
  std::deque<Copy> waiting_;
  int64_t told_ = 0;
  int64_t done_ = 0;
  bool ends_ = false;
  std::thread thread_;
};

}  // namespace nn
