// SPDX-License-Identifier: Apache-2.0
// The one thread that makes all CUDA calls of a device: it runs what is posted and, while work is on its way, keeps asking
// whether it is over. It owns the thread and the jobs; any thread may post.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "common/mutex.hpp"

namespace blasx::device::cuda {

class Engine {
 public:
  enum class State : uint8_t { Idle, Waiting, Progress };

  // `poll` is called on the thread after every round of jobs, and again and again until it says Idle.
  // Throws std::system_error if the system refuses a thread.
  Engine(const std::string& name, const std::vector<int32_t>& cpus, std::function<State()> poll);
  // Finishes what was posted, then joins.
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  void post(std::function<void()> job);
  // Returns when the job was run. Not from the thread itself.
  void run(const std::function<void()>& job);

 private:
  void loop();
  // False when all is done.
  bool take(std::vector<std::function<void()>>& jobs, State state, int& patience);

  Mutex mutex_;
  CondVar ready_;
  CondVar over_;
  std::vector<std::function<void()>> jobs_ BLASX_GUARDED_BY(mutex_);
  bool stop_ BLASX_GUARDED_BY(mutex_) = false;
  std::function<State()> poll_;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace blasx::device::cuda
