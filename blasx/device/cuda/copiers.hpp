// SPDX-License-Identifier: Apache-2.0
// Threads that move bytes between the caller's pages and pinned buffers, bound to the processors near a GPU. They call nothing of
// CUDA. The pool owns threads and jobs; any thread may post.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "common/mutex.hpp"

namespace blasx::device::cuda {

// Binds the calling thread to those of the processors that it may use; to none, if there are none.
void bind_to(const std::vector<int32_t>& cpus);

class Copiers {
 public:
  // Throws std::system_error if not even one thread can be had.
  Copiers(const std::string& name, int32_t threads, const std::vector<int32_t>& cpus);
  // Finishes what was posted, then joins.
  ~Copiers();
  Copiers(const Copiers&) = delete;
  Copiers& operator=(const Copiers&) = delete;

  int32_t threads() const { return static_cast<int32_t>(threads_.size()); }
  enum class When : uint8_t { Soon, Later };  // what is to be done soon goes before what is not
  void post(When when, std::function<void()> job);

 private:
  void loop();

  Mutex mutex_;
  CondVar ready_;
  std::array<std::deque<std::function<void()>>, 2> jobs_ BLASX_GUARDED_BY(mutex_);  // by when
  bool stop_ BLASX_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace blasx::device::cuda
