// SPDX-License-Identifier: Apache-2.0
// The machine behind the stand-in: devices, streams, the operations that wait in them, and the one thread that runs operations, as
// late as it may. Entry points take the lock, admit() themselves and submit; the machine owns everything.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "cuda_runtime_api.h"
#include "tests/fake_cuda/configuration.hpp"
#include "tests/fake_cuda/memory.hpp"
#include "tests/fake_cuda/races.hpp"

namespace blasx::fake_cuda {

struct Operation;
using OperationPtr = std::shared_ptr<Operation>;

struct Stream {
  int device = 0;
  size_t number = 0;     // in the clocks
  bool blocking = true;  // waits for and holds up the device's stream 0
  std::deque<OperationPtr> waiting;
  OperationPtr last;  // submitted; done or not
};
using StreamPtr = std::shared_ptr<Stream>;

// Whoever submits fills the first part.
struct Operation {
  std::string name;
  StreamPtr stream;  // until it is done
  std::vector<Access> accesses;
  std::vector<OperationPtr> after;  // of other streams
  std::function<cudaError_t()> body;
  bool host_function = false;  // the program's: not called any more after an error
  // Set by the machine.
  bool fails = false;
  int device = 0;
  Clock clock;
  bool done = false;
  int polls = 0;
  int64_t done_ns = 0;
};

struct Event {
  OperationPtr recorded;
  int device = 0;
  bool timed = true;
};

class Machine {
 public:
  explicit Machine(Configuration configuration);
  ~Machine();
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  using Lock = std::unique_lock<std::mutex>;
  std::mutex& mutex() { return mutex_; }
  // All below: with the lock held.

  const Configuration& configuration() const { return configuration_; }
  Memory& memory() { return memory_; }
  Races& races() { return races_; }

  // Counts a call and lets the configured fault strike. `device`: whose error state counts, -1 for none.
  cudaError_t admit(const std::string& function, int device);
  int64_t calls(const std::string& function) const;
  bool failed() const { return failed_; }
  // What every call that concerns the device answers.
  cudaError_t state(int device) const { return devices_[static_cast<size_t>(device)].error; }
  bool enable_peer(int device, int peer);
  bool can_reach(int device, int peer) const;
  int64_t peers_of(int device) const {
    return static_cast<int64_t>(devices_[static_cast<size_t>(device)].reachable.size());
  }

  cudaStream_t add_stream(int device, bool blocking);
  // The stream of a handle; null where there is none. `device` is the current one: whose stream 0 the null handle means.
  StreamPtr stream(cudaStream_t handle, int device);
  bool remove_stream(cudaStream_t handle);
  cudaEvent_t add_event(Event event);
  Event* event(cudaEvent_t handle);
  bool remove_event(cudaEvent_t handle);

  // The operation runs when its stream's earlier ones and `after` are done.
  OperationPtr submit(Operation operation);
  // Blocks until it is done; the host has seen it then. Returns its device's state.
  cudaError_t wait(Lock& lock, const OperationPtr& operation);
  cudaError_t wait_for_device(Lock& lock, int device);
  // Whether it is done; asking often enough makes it happen.
  bool poll(const OperationPtr& operation);
  // Complains where the host touches what unfinished operations use.
  void host_touches(const std::string& name, const Access& access);

  int64_t pending() const;
  int64_t race_count() const { return race_count_; }
  const std::string& last_race() const { return last_race_; }
  bool coin() { return random_() % 2 == 0; }

 private:
  struct DeviceState {
    cudaError_t error = cudaSuccess;
    std::set<int> reachable;
    StreamPtr legacy;
  };

  void run();
  OperationPtr choose(Lock& lock);
  OperationPtr runnable_before(OperationPtr goal) const;
  void perform(Lock& lock, const OperationPtr& operation);
  void fail_device(int device, cudaError_t error);
  StreamPtr new_stream(int device, bool blocking);
  void order_with_legacy(Operation& operation);
  void found_race(const Conflict& conflict);

  const Configuration configuration_;
  std::mutex mutex_;
  std::condition_variable work_;  // for the thread
  std::condition_variable done_;  // for those who wait
  Memory memory_;
  Races races_;
  std::mt19937_64 random_;
  std::vector<DeviceState> devices_;
  std::map<cudaStream_t, StreamPtr> streams_;
  std::map<cudaEvent_t, Event> events_;
  std::vector<StreamPtr>
      all_streams_;  // those with handles, streams 0, and destroyed ones with work left
  std::vector<OperationPtr> wanted_;  // somebody waits for them
  std::vector<OperationPtr> host_functions_;
  std::map<std::string, int64_t> calls_;
  int64_t all_calls_ = 0;
  bool failed_ = false;
  bool next_fails_ = false;  // the call that is under way asked for a late fault
  uintptr_t next_handle_ = 0x1000;
  int64_t race_count_ = 0;
  std::string last_race_;
  bool stop_ = false;
  std::thread thread_;  // last: it uses all of the above
};

// The process's machine, made from FAKE_CUDA at the first use and never destroyed; reset_machine replaces it.
Machine& machine();
void reset_machine(const char* configuration);

// One call of the program: counts it, lets faults strike, and remembers the error as CUDA does.
// `body`: cudaError_t(Machine&, Machine::Lock&).
cudaError_t note_error(cudaError_t error);
template <typename F>
cudaError_t call(const char* function, int device, F&& body) {
  Machine& m = machine();
  Machine::Lock lock(m.mutex());
  cudaError_t error = m.admit(function, device);
  if (error == cudaSuccess) error = body(m, lock);
  return note_error(error);
}

// The calling thread's device.
int current_device();

// The same for a call on a stream; `body`: cudaError_t(Machine&, Machine::Lock&, const StreamPtr&).
template <typename F>
cudaError_t call_on(const char* function, cudaStream_t handle, F&& body) {
  Machine& m = machine();
  Machine::Lock lock(m.mutex());
  const StreamPtr stream = m.stream(handle, current_device());
  cudaError_t error = m.admit(function, stream ? stream->device : -1);
  if (error == cudaSuccess) error = stream ? body(m, lock, stream) : cudaErrorInvalidResourceHandle;
  return note_error(error);
}

}  // namespace blasx::fake_cuda
