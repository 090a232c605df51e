// SPDX-License-Identifier: Apache-2.0
// Operations that nobody waits for yet. The process's Progress owns them until they are done and advances them: from a thread of
// its own where MPI's thread level or the transport allows that, and inside every call of the library.
#pragma once

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "common/mutex.hpp"
#include "lpcoll/api/communicator.hpp"
#include "lpcoll/trace/trace.hpp"
#include "lpcoll/transport/operation.hpp"

namespace lpcoll::api {

// What a starter keeps. Progress writes it, any thread may ask.
class Flight {
 public:
  Flight(Communicator& state, std::unique_ptr<Operation> operation)
      : user_(state.user), state_(&state), operation_(std::move(operation)) {}

  bool done() const { return done_.load(std::memory_order_acquire); }
  // Recorded when it is done; set before it is added.
  trace::Event event;
  // After done(): MPI_SUCCESS or what went wrong.
  int code() const { return code_; }
  // Whose error handler is to be told; null once it was freed.
  MPI_Comm comm() const { return *user_; }

 private:
  friend class Progress;
  std::shared_ptr<MPI_Comm> user_;
  Communicator* state_;
  std::unique_ptr<Operation> operation_;
  bool needs_calls_ = false;  // no thread goes on with it
  int code_ = MPI_SUCCESS;
  std::atomic<bool> done_{false};
};

class Progress {
 public:
  // Takes the flight on; its communicator must live until it is done.
  void add(std::shared_ptr<Flight> flight);
  // Advances what there is; returns whether anything moved.
  bool poll() { return poll(true); }
  bool idle() const { return flying_.load(std::memory_order_relaxed) == 0; }
  // Whether anything goes on in the library's calls alone.
  bool needs_calls() const { return need_calls_.load(std::memory_order_relaxed) > 0; }
  // Returns when nothing is under way on the communicator.
  void drain(Communicator& state);
  // Before this rank waits inside the MPI underneath for the others in a collective on the communicator. They may wait for its part of
  // earlier ones before they come: returns when none is left that goes on in the library's calls alone.
  void before_waiting(Communicator& state);
  // Ends the thread.
  void stop();

 private:
  bool poll(bool from_program);
  void run();
  void poll_until_none(const std::atomic<int64_t>& left);

  std::atomic<int64_t> flying_{0};
  std::atomic<int64_t> need_calls_{0};
  blasx::Mutex mutex_;
  blasx::CondVar work_;
  std::vector<std::shared_ptr<Flight>> flights_ BLASX_GUARDED_BY(mutex_);
  bool multiple_ BLASX_GUARDED_BY(mutex_) = false;  // the thread may call MPI
  bool stopping_ BLASX_GUARDED_BY(mutex_) = false;
  std::thread thread_;  // of those who add and stop, one at a time
};

// Never destroyed.
Progress& progress();

// Advances the operation, and what else there is, until it is complete; MPI's code.
int carry_out(Operation& operation);

// Returns when the flight is done; lets others work while it waits.
void wait_for(const Flight& flight);

// Waits that outlast a few looks give the core away: ranks may outnumber cores.
class Patience {
 public:
  void moved() { looks_ = 0; }
  void wait();

 private:
  unsigned looks_ = 0;
};

}  // namespace lpcoll::api
