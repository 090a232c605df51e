// SPDX-License-Identifier: Apache-2.0
// Threads that read and write, so that as many requests as there are threads are with the disk at once. The pool
// owns its queue; a Ticket is the caller's and tells when a group of requests is done and whether it went well.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "common/status.hpp"

namespace ooc_gemm::storage {

using blasx::Status;

// Any thread; must outlive what was submitted with it. Can be used again after wait().
class Ticket {
 public:
  ~Ticket() { (void)wait(); }
  // Until everything submitted with it is done: the first failure, or ok. The failure is kept.
  Status wait();
  bool done() const;

 private:
  friend class Pool;
  void begin();
  void end(Status status);

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  int64_t pending_ = 0;
  Status failure_;
};

class Pool {
 public:
  explicit Pool(int threads);
  ~Pool();  // finishes what was submitted
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  void submit(Ticket& ticket, std::function<Status()> work);
  int threads() const { return static_cast<int>(threads_.size()); }

 private:
  struct Request {
    Ticket* ticket;
    std::function<Status()> work;
  };
  void serve();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Request> queue_;
  bool closing_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace ooc_gemm::storage
