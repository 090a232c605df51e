// SPDX-License-Identifier: Apache-2.0
// The thread that runs operations: which one next, and what becomes of it.
#include <algorithm>
#include <chrono>

#include "tests/fake_cuda/machine.hpp"

namespace blasx::fake_cuda {
namespace {

using namespace std::chrono_literals;

// How long nobody has to wait before something runs that nobody asked for.
constexpr auto kQuiet = 50us;

int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

void Machine::run() {
  Lock lock(mutex_);
  while (!stop_) {
    if (const OperationPtr next = choose(lock)) perform(lock, next);
  }
}

// The first operation on the way to `goal` that can run now.
OperationPtr Machine::runnable_before(OperationPtr goal) const {
  while (true) {
    const OperationPtr& head = goal->stream->waiting.front();
    const auto open = std::find_if(head->after.begin(), head->after.end(),
                                   [](const OperationPtr& o) { return !o->done; });
    if (open == head->after.end()) return head;
    goal = *open;
  }
}

// Null when there was nothing to do and it has waited.
OperationPtr Machine::choose(Lock& lock) {
  const auto is_done = [](const OperationPtr& o) { return o->done; };
  std::erase_if(wanted_, is_done);
  std::erase_if(host_functions_, is_done);
  std::erase_if(all_streams_, [&](const StreamPtr& stream) {
    const bool forgotten = stream.use_count() == 1;
    return forgotten && stream->waiting.empty();
  });
  if (!wanted_.empty()) return runnable_before(wanted_[random_() % wanted_.size()]);

  // Nobody waits. Host functions are how programs are told, so they come in the end; in random order anything may.
  std::vector<OperationPtr> goals = host_functions_;
  if (configuration_.order == Order::Random) {
    for (const StreamPtr& stream : all_streams_) {
      if (!stream->waiting.empty()) goals.push_back(stream->waiting.front());
    }
  }
  if (goals.empty()) {
    work_.wait(lock);
    return nullptr;
  }
  const int64_t calls = all_calls_;
  const bool asked = work_.wait_for(lock, kQuiet) == std::cv_status::no_timeout;
  if (asked || stop_ || (calls != all_calls_ && coin())) return nullptr;
  return runnable_before(goals[random_() % goals.size()]);
}

void Machine::perform(Lock& lock, const OperationPtr& operation) {
  const int device = operation->device;
  operation->stream->waiting.pop_front();
  if (state(device) == cudaSuccess) {
    if (operation->fails) {
      fail_device(device, cudaErrorLaunchFailure);
    } else if (operation->body) {
      // The host has seen what comes before its function. That one may take the program's locks: not under ours.
      if (operation->host_function) races_.host_saw(operation->clock);
      lock.unlock();
      const cudaError_t error = operation->body();
      lock.lock();
      if (error != cudaSuccess) fail_device(device, error);
    }
  }
  operation->done_ns = now_ns();
  operation->done = true;
  operation->body = nullptr;
  operation->after.clear();
  operation->stream.reset();
  done_.notify_all();
}

}  // namespace blasx::fake_cuda
