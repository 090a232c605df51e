// SPDX-License-Identifier: Apache-2.0
#include "tests/fake_cuda/machine.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace blasx::fake_cuda {
namespace {

// Nobody who has not asked for it computes on the stand-in: a library of a build without a toolkit finds it on machines with GPUs.
const char* from_environment() {
  const char* text = std::getenv("FAKE_CUDA");
  return text != nullptr ? text : "devices=0";
}

std::unique_ptr<Machine>& slot() {
  // Never destroyed: its thread may still run when the process ends.
  static auto* const machine = new std::unique_ptr<Machine>;
  return *machine;
}

// Guards making and replacing, not use: a reset while others call is the test's mistake.
std::mutex& slot_mutex() {
  static auto* const mutex = new std::mutex;
  return *mutex;
}

}  // namespace

Machine& machine() {
  const std::lock_guard lock(slot_mutex());
  if (slot() == nullptr) {
    slot() = std::make_unique<Machine>(parse_configuration(from_environment()));
  }
  return *slot();
}

void reset_machine(const char* configuration) {
  const std::lock_guard lock(slot_mutex());
  slot().reset();
  slot() = std::make_unique<Machine>(
      parse_configuration(configuration != nullptr ? configuration : from_environment()));
}

Machine::Machine(Configuration configuration)
    : configuration_(std::move(configuration)), random_(configuration_.seed) {
  devices_.resize(static_cast<size_t>(configuration_.devices));
  for (int d = 0; d < configuration_.devices; ++d) {
    devices_[static_cast<size_t>(d)].legacy = new_stream(d, false);
  }
  thread_ = std::thread([this] { run(); });
}

Machine::~Machine() {
  {
    const Lock lock(mutex_);
    stop_ = true;
    work_.notify_all();
  }
  thread_.join();
  for (const StreamPtr& stream : all_streams_) {  // operations and streams hold each other
    stream->waiting.clear();
    stream->last.reset();
  }
}

cudaError_t Machine::admit(const std::string& function, int device) {
  next_fails_ = false;
  ++all_calls_;
  const int64_t of_this = ++calls_[function];
  const Fault& fault = configuration_.fault;
  const int64_t count = fault.function == "any" ? all_calls_ : of_this;
  const bool named = fault.function == "any" || fault.function == function;
  if (named && fault.call > 0 && count == fault.call) {
    failed_ = true;
    // Waiting and asking need nothing that could be refused: there an error is the device's end.
    const bool asks = function.ends_with("Synchronize") || function.ends_with("Query");
    if (fault.kind == FaultKind::Refuse && !asks) return cudaErrorMemoryAllocation;
    if (fault.kind == FaultKind::Late) next_fails_ = true;
    const int target = device >= 0 ? device : current_device();
    if (fault.kind != FaultKind::Late && target < configuration_.devices) {
      fail_device(target, cudaErrorUnknown);
    }
  }
  if (device < 0) return cudaSuccess;
  if (configuration_.driver_too_old) return cudaErrorInsufficientDriver;
  return device < configuration_.devices ? state(device) : cudaErrorNoDevice;
}

int64_t Machine::calls(const std::string& function) const {
  if (function.empty()) return all_calls_;
  const auto found = calls_.find(function);
  return found != calls_.end() ? found->second : 0;
}

bool Machine::enable_peer(int device, int peer) {
  return devices_[static_cast<size_t>(device)].reachable.insert(peer).second;
}

bool Machine::can_reach(int device, int peer) const {
  return device == peer || devices_[static_cast<size_t>(device)].reachable.contains(peer);
}

StreamPtr Machine::new_stream(int device, bool blocking) {
  auto stream = std::make_shared<Stream>();
  stream->device = device;
  stream->blocking = blocking;
  stream->number = races_.add_stream();
  all_streams_.push_back(stream);
  return stream;
}

cudaStream_t Machine::add_stream(int device, bool blocking) {
  auto* handle = reinterpret_cast<cudaStream_t>(next_handle_ += 16);
  streams_[handle] = new_stream(device, blocking);
  return handle;
}

StreamPtr Machine::stream(cudaStream_t handle, int device) {
  if (handle == nullptr || handle == cudaStreamLegacy) {
    if (device >= configuration_.devices) return nullptr;
    return devices_[static_cast<size_t>(device)].legacy;
  }
  const auto found = streams_.find(handle);
  return found != streams_.end() ? found->second : nullptr;
}

bool Machine::remove_stream(cudaStream_t handle) {
  const auto found = streams_.find(handle);
  if (found == streams_.end()) return false;
  // What is in it is still carried out.
  if (found->second->last && !found->second->last->done) wanted_.push_back(found->second->last);
  work_.notify_all();
  streams_.erase(found);
  return true;
}

cudaEvent_t Machine::add_event(Event event) {
  auto* handle = reinterpret_cast<cudaEvent_t>(next_handle_ += 16);
  events_[handle] = std::move(event);
  return handle;
}

Event* Machine::event(cudaEvent_t handle) {
  const auto found = events_.find(handle);
  return found != events_.end() ? &found->second : nullptr;
}

bool Machine::remove_event(cudaEvent_t handle) { return events_.erase(handle) > 0; }

// Stream 0 runs after all that was submitted to the device's blocking streams, and they after it.
void Machine::order_with_legacy(Operation& operation) {
  const DeviceState& device = devices_[static_cast<size_t>(operation.stream->device)];
  if (operation.stream == device.legacy) {
    for (const StreamPtr& other : all_streams_) {
      if (other->device == operation.stream->device && other->blocking && other->last) {
        operation.after.push_back(other->last);
      }
    }
  } else if (operation.stream->blocking && device.legacy->last) {
    operation.after.push_back(device.legacy->last);
  }
}

OperationPtr Machine::submit(Operation operation) {
  order_with_legacy(operation);
  operation.fails = std::exchange(next_fails_, false);
  operation.device = operation.stream->device;
  Clock known;
  for (const OperationPtr& earlier : operation.after) join(known, earlier->clock);
  std::erase_if(operation.after, [](const OperationPtr& earlier) { return earlier->done; });
  const StreamPtr stream = operation.stream;
  operation.name += " (device " + std::to_string(stream->device) + ", stream " +
                    std::to_string(stream->number) + ", call " + std::to_string(all_calls_) + ")";
  std::optional<Conflict> conflict;
  operation.clock =
      races_.submit(stream->number, operation.name, operation.accesses, known, conflict);
  if (conflict) found_race(*conflict);
  auto shared = std::make_shared<Operation>(std::move(operation));
  stream->waiting.push_back(shared);
  stream->last = shared;
  if (shared->host_function) host_functions_.push_back(shared);
  if (configuration_.order == Order::Eager) wanted_.push_back(shared);
  if (configuration_.order != Order::Late || shared->host_function) work_.notify_all();
  return shared;
}

cudaError_t Machine::wait(Lock& lock, const OperationPtr& operation) {
  if (!operation->done) {
    wanted_.push_back(operation);
    work_.notify_all();
    done_.wait(lock, [&] { return operation->done; });
  }
  const cudaError_t error = state(operation->device);
  if (error == cudaSuccess) races_.host_saw(operation->clock);
  return error;
}

cudaError_t Machine::wait_for_device(Lock& lock, int device) {
  const std::vector<StreamPtr> streams = all_streams_;
  for (const StreamPtr& stream : streams) {
    if (stream->device == device && stream->last) wait(lock, OperationPtr(stream->last));
  }
  return state(device);
}

bool Machine::poll(const OperationPtr& operation) {
  if (!operation->done) {
    // Whoever asks waits in the end, but not at the first time of asking.
    if (operation->polls++ == static_cast<int>(operation->clock.back() % 3)) {
      wanted_.push_back(operation);
      work_.notify_all();
    }
    return false;
  }
  if (state(operation->device) == cudaSuccess) races_.host_saw(operation->clock);
  return true;
}

void Machine::host_touches(const std::string& name, const Access& access) {
  if (const auto conflict = races_.host_touches(name, access)) found_race(*conflict);
}

void Machine::found_race(const Conflict& conflict) {
  ++race_count_;
  last_race_ = describe(conflict);
  std::fprintf(stderr, "fake_cuda: race: %s\n", last_race_.c_str());
  if (configuration_.abort_on_race) std::abort();
}

void Machine::fail_device(int device, cudaError_t error) {
  DeviceState& state = devices_[static_cast<size_t>(device)];
  if (state.error != cudaSuccess) return;
  state.error = error;
  for (const StreamPtr& stream : all_streams_) {
    if (stream->device != device) continue;
    races_.drop(stream->number);
    if (stream->last && !stream->last->done) wanted_.push_back(stream->last);
  }
  work_.notify_all();
}

int64_t Machine::pending() const {
  int64_t count = 0;
  for (const StreamPtr& stream : all_streams_)
    count += static_cast<int64_t>(stream->waiting.size());
  return count;
}

}  // namespace blasx::fake_cuda
