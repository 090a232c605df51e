// SPDX-License-Identifier: Apache-2.0
// A device: memory, copies, kernels, completion. The driver owns it and submits; the device owns its threads and queues
// and answers every submitted operation exactly once through the CompletionQueue.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "blasx/device/completion.hpp"
#include "blasx/schedule/protocol.hpp"
#include "blasx/tile/graph.hpp"
#include "common/status.hpp"

namespace blasx::device {

using schedule::DeviceId;
using schedule::OpId;

// A rectangle of elements in some memory; ld in elements.
struct Window {
  std::byte* data = nullptr;
  int64_t ld = 0;
};

class Device;

// Two-dimensional copy of rows x cols elements, or only their triangle.
struct Copy {
  OpId op = OpId::None;
  Window from;
  Window to;
  DeviceId source = DeviceId::Home;  // whose block `from` is (fetch only)
  const Device* peer = nullptr;      // that device, null for home memory
  int64_t rows = 0, cols = 0;
  int64_t element_bytes = 8;
  tile::Region region = tile::Region::Full;
  bool urgent = true;            // goes before those that are not
  bool old_value_needed = true;  // store: the task could not run again without what `to` holds now
};

// `count` steps in order; with a device of Memory::Home the graph's own home addresses are used and steps may be fused.
struct Kernels {
  OpId op = OpId::None;
  int32_t stream = 0;
  const tile::TaskGraph* graph = nullptr;
  tile::TaskId task = tile::TaskId::None;
  int32_t first_step = 0;
  int32_t count = 1;
  Window a, b, c;  // blocks; unused on Memory::Home
};

struct DeviceInfo {
  std::string name;  // "cpu", "host:0", "cuda:0"
  std::string description;
  schedule::Memory memory = schedule::Memory::Arena;
  int64_t memory_bytes = 0;   // that an arena may be cut from; 0 for Memory::Home
  int32_t compute_units = 1;  // worker threads, multiprocessors
  int32_t copy_threads = 0;   // host threads that its copies keep busy
  double link_rate = 0;       // bytes/s from home: 0 as fast as memory, -1 not measured yet
};

class Device {
 public:
  virtual ~Device() = default;

  virtual const DeviceInfo& info() const = 0;

  // Takes the arena once, at most `bytes`; returns what it got, which may be less. Home devices return 0.
  virtual Result<int64_t> open_arena(int64_t bytes) = 0;
  virtual std::byte* arena() = 0;

  // Bytes per second from home memory, or from a peer's blocks; 0: there is no such way. Measured or assumed.
  virtual double home_rate() const { return 0; }
  virtual double peer_rate(const Device& /*from*/) const { return 0; }
  // Operations per second in a large product of this type; 0: not known.
  virtual double kernel_rate(Type /*type*/) const { return 0; }

  // Asynchronous; the submitting thread is always the driver's. Fetch: `to` is a block of this device. Store: `from` is.
  // A store writes home memory only when it can no longer fail, unless nobody needs the old value.
  virtual void fetch(const Copy& copy) = 0;
  virtual void store(const Copy& copy) = 0;
  virtual void compute(const Kernels& kernels) = 0;

  // Between calls: where completions of the coming call go, and how many streams it uses.
  virtual void begin_call(CompletionQueue* completions, DeviceId self, int32_t streams) = 0;
  // Whether a matrix of the call lies in memory that only devices like this one reach. Between calls.
  virtual bool only_here(const BlasCall& /*call*/) { return false; }
  // Around a call, after begin_call: its matrices, and the end of them. Nothing is outstanding at either.
  virtual void open_matrices(const tile::TaskGraph& /*graph*/) {}
  virtual void close_matrices() {}

  // Why the device was lost, once it was; for the user.
  virtual std::string trouble() const { return {}; }
};

}  // namespace blasx::device
