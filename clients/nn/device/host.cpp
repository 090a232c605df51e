// SPDX-License-Identifier: Apache-2.0
// The processor as a Device: all but the copies beside the computation is done when a call returns.
#include <cstring>

#include "clients/nn/device/device.hpp"
#include "clients/nn/device/mover.hpp"
#include "clients/nn/memory/block.hpp"

namespace nn {
namespace {

size_t size(int64_t bytes) { return static_cast<size_t>(bytes); }

class Host : public Device {
 public:
  bool on_host() const override { return true; }
  Memory take(int64_t bytes) override {
    memory::Block block = memory::take(bytes);
    const memory::Unmap unmap = block.get_deleter();
    return {block.release(), unmap};
  }
  Memory take_host(int64_t bytes) override { return take(bytes); }

  void upload(void* to, const void* from, int64_t bytes) override {
    std::memcpy(to, from, size(bytes));
  }
  void download(void* to, const void* from, int64_t bytes) override {
    std::memcpy(to, from, size(bytes));
  }
  void copy(void* to, const void* from, int64_t bytes) override {
    std::memmove(to, from, size(bytes));
  }
  int64_t copy_out(void* to, const void* from, int64_t bytes) override {
    return mover_.copy(to, from, bytes);
  }
  int64_t copy_in(void* to, const void* from, int64_t bytes) override {
    return mover_.copy(to, from, bytes);
  }
  void await(int64_t copy) override { mover_.wait(copy); }

  void combine(float a, float* x, float b, const float* y, int64_t elems) override {
    for (int64_t i = 0; i < elems; ++i) x[i] = b == 0 ? a * x[i] : a * x[i] + b * y[i];
  }
  // In one pass over memory.
  void descend(const Descent& by, float* values, float* velocity, float* gradients,
               int64_t elems) override {
    for (int64_t i = 0; i < elems; ++i) {
      const float slope = gradients[i] + by.decay * values[i];
      velocity[i] = by.momentum * velocity[i] + slope;
      values[i] -= by.rate * (by.nesterov ? slope + by.momentum * velocity[i] : velocity[i]);
    }
  }

  void finish() override { mover_.finish(); }
  void quiesce() noexcept override { mover_.finish(); }

 private:
  Mover mover_;
};

}  // namespace

std::shared_ptr<Device> host_device() { return std::make_shared<Host>(); }

}  // namespace nn
