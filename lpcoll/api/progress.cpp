// SPDX-License-Identifier: Apache-2.0
#include "lpcoll/api/progress.hpp"

#include <mpi.h>
#include <sched.h>

#include <chrono>
#include <utility>

#include "common/log.hpp"
#include "lpcoll/api/known.hpp"

namespace lpcoll::api {

namespace {

// What is thrown is that there is no memory.
Result<Advance> advance(Operation& operation) {
  try {
    return operation.advance();
  } catch (...) {
    return failure(StatusCode::OutOfMemory, "no memory to go on with a collective");
  }
}

}  // namespace

Progress& progress() {
  static auto& p = *new Progress;  // MPI_Finalize may come from an exit handler
  return p;
}

void Patience::wait() {
  constexpr unsigned kLooks = 64;
  if (++looks_ % kLooks == 0) sched_yield();
}

void Progress::add(std::shared_ptr<Flight> flight) {
  const bool wants_thread = flight->state_->settings.progress != tune::ProgressBy::Calls;
  int level = MPI_THREAD_SINGLE;
  PMPI_Query_thread(&level);
  const bool thread_helps =
      wants_thread && (level == MPI_THREAD_MULTIPLE || !flight->operation_->calls_mpi());
  flight->needs_calls_ = !thread_helps;
  if (!thread_helps) {
    need_calls_.fetch_add(1, std::memory_order_relaxed);
    flight->state_->need_calls.fetch_add(1, std::memory_order_relaxed);
    forget_known();  // calls that are known to be passed on would not come by before_waiting()
  }
  const blasx::MutexLock lock(mutex_);
  flight->state_->under_way.fetch_add(1, std::memory_order_relaxed);
  flights_.push_back(std::move(flight));
  flying_.fetch_add(1, std::memory_order_relaxed);
  if (!thread_helps) return;
  multiple_ = level == MPI_THREAD_MULTIPLE;
  if (!thread_.joinable()) {
    stopping_ = false;
    thread_ = std::thread([this] { run(); });
  }
  work_.notify_one();
}

bool Progress::poll(bool from_program) {
  if (flying_.load(std::memory_order_relaxed) == 0) return false;
  // Whoever has the lock is at it already.
  if (!mutex_.try_lock()) return false;
  bool moved = false;
  for (size_t i = 0; i < flights_.size();) {
    Flight& flight = *flights_[i];
    if (!from_program && !multiple_ && flight.operation_->calls_mpi()) {
      ++i;
      continue;
    }
    const Result<Advance> advanced = advance(*flight.operation_);
    if (advanced && *advanced == Advance::Waiting) {
      ++i;
      continue;
    }
    moved = true;
    if (advanced && *advanced == Advance::Moved) {
      ++i;
      continue;
    }
    if (!advanced) {
      blasx::log::error(advanced.error().to_string());
      flight.code_ = MPI_ERR_OTHER;
    }
    flight.operation_.reset();
    if (flight.event.start_ns != 0) {
      flight.event.end_ns = trace::now_ns();
      trace::add(flight.event);
    }
    Communicator& state = *flight.state_;
    if (flight.needs_calls_) {
      need_calls_.fetch_sub(1, std::memory_order_relaxed);
      state.need_calls.fetch_sub(1, std::memory_order_relaxed);
    }
    flight.done_.store(true, std::memory_order_release);
    flights_.erase(flights_.begin() + static_cast<std::ptrdiff_t>(i));
    flying_.fetch_sub(1, std::memory_order_relaxed);
    state.under_way.fetch_sub(1, std::memory_order_release);  // the last touch of the state
  }
  mutex_.unlock();
  return moved;
}

void Progress::poll_until_none(const std::atomic<int64_t>& left) {
  Patience patience;
  while (left.load(std::memory_order_acquire) > 0) {
    if (poll()) patience.moved();
    patience.wait();
  }
}

void Progress::drain(Communicator& state) { poll_until_none(state.under_way); }

void Progress::before_waiting(Communicator& state) { poll_until_none(state.need_calls); }

void Progress::stop() {
  {
    const blasx::MutexLock lock(mutex_);
    stopping_ = true;
  }
  work_.notify_one();
  if (thread_.joinable()) thread_.join();
}

// What waits for a network is looked at every few microseconds, and a core is not burnt for it.
void Progress::run() {
  constexpr int kLooks = 200;
  constexpr auto kPause = std::chrono::microseconds(20);
  int idle = 0;
  for (;;) {
    {
      const blasx::MutexLock lock(mutex_);
      while (flights_.empty() && !stopping_) work_.wait(mutex_);
      if (stopping_) return;
    }
    if (poll(false)) {
      idle = 0;
    } else if (++idle < kLooks) {
      sched_yield();
    } else {
      std::this_thread::sleep_for(kPause);
    }
  }
}

int carry_out(Operation& operation) {
  Patience patience;
  for (;;) {
    const Result<Advance> advanced = operation.advance();
    if (!advanced) {
      blasx::log::error(advanced.error().to_string());
      return MPI_ERR_OTHER;
    }
    if (*advanced == Advance::Complete) return MPI_SUCCESS;
    if (*advanced == Advance::Moved) patience.moved();
    if (*advanced == Advance::Waiting && progress().idle()) operation.rest();
    progress().poll();
    patience.wait();
  }
}

void wait_for(const Flight& flight) {
  Patience patience;
  while (!flight.done()) {
    if (progress().poll()) patience.moved();
    patience.wait();
  }
}

}  // namespace lpcoll::api
