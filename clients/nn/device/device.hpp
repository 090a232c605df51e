// SPDX-License-Identifier: Apache-2.0
// Where a network is computed: its memory, copies in it and to the host, sums of vectors. What a Device is told happens in that
// order, perhaps later than the call returns; copies "beside" have an order of their own. One thread. Failures throw Error.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

namespace nn {

// Aligned memory, owned; not to outlive its Device.
using Memory = std::unique_ptr<std::byte, std::function<void(std::byte*)>>;

// How stochastic gradient descent goes down: see Sgd.
struct Descent {
  float rate = 0, momentum = 0, decay = 0;
  bool nesterov = false;
};

class Device {
 public:
  virtual ~Device() = default;

  // Whether the processor can read what take() gives.
  virtual bool on_host() const = 0;
  // For what is computed with; zeroed. Errors say how much was asked for.
  virtual Memory take(int64_t bytes) = 0;
  // On the host, for the copies beside the computation.
  virtual Memory take_host(int64_t bytes) = 0;

  // `from` may change when it returns.
  virtual void upload(void* to, const void* from, int64_t bytes) = 0;
  // `to` is filled when it returns.
  virtual void download(void* to, const void* from, int64_t bytes) = 0;
  // Within its memory; the two may overlap.
  virtual void copy(void* to, const void* from, int64_t bytes) = 0;

  // To take_host's memory and back, beside the computation: begins after what was told before. Gives the copy's number; both
  // buffers must stay until it is done.
  virtual int64_t copy_out(void* to, const void* from, int64_t bytes) = 0;
  virtual int64_t copy_in(void* to, const void* from, int64_t bytes) = 0;
  // What is told from now on happens after that copy.
  virtual void await(int64_t copy) = 0;

  // x = a x + b y; y is not read where b is 0.
  virtual void combine(float a, float* x, float b, const float* y, int64_t elems) = 0;
  // One step of `elems` values and their velocities; may spoil the gradients.
  virtual void descend(const Descent& by, float* values, float* velocity, float* gradients,
                       int64_t elems);

  // Returns when all that was told is done.
  virtual void finish() = 0;
  // The same for who cannot be told of a failure, before memory goes.
  virtual void quiesce() noexcept = 0;
};

// The processor.
std::shared_ptr<Device> host_device();

}  // namespace nn
