// SPDX-License-Identifier: Apache-2.0
#include "ooc_gemm/storage/pool.hpp"

#include <exception>
#include <utility>

namespace ooc_gemm::storage {

Status Ticket::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return pending_ == 0; });
  return failure_;
}

bool Ticket::done() const {
  const std::lock_guard lock(mutex_);
  return pending_ == 0;
}

void Ticket::begin() {
  const std::lock_guard lock(mutex_);
  ++pending_;
}

void Ticket::end(Status status) {
  // Notified under the lock: the ticket may be gone as soon as the waiter has it.
  const std::lock_guard lock(mutex_);
  if (!status && failure_.ok()) failure_ = std::move(status);
  if (--pending_ == 0) changed_.notify_all();
}

Pool::Pool(int threads) {
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { serve(); });
}

Pool::~Pool() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Pool::submit(Ticket& ticket, std::function<Status()> work) {
  ticket.begin();
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back({&ticket, std::move(work)});
  }
  changed_.notify_one();
}

void Pool::serve() {
  for (;;) {
    Request request;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return closing_ || !queue_.empty(); });
      if (queue_.empty()) return;
      request = std::move(queue_.front());
      queue_.pop_front();
    }
    Status status;
    try {
      status = request.work();
    } catch (const std::exception& problem) {
      status = Status(blasx::StatusCode::Internal, problem.what());
    }
    request.work = nullptr;
    request.ticket->end(std::move(status));
  }
}

}  // namespace ooc_gemm::storage
