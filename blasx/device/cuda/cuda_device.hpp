// SPDX-License-Identifier: Apache-2.0
// A GPU, or a part of its memory, as a device: what the driver asks is handed to the device's own thread. It owns the thread, the threads
// that fill its buffers, and all that is on the GPU.
#pragma once

#include <memory>
#include <string>

#include "blasx/device/cuda/copiers.hpp"
#include "blasx/device/cuda/engine.hpp"
#include "blasx/device/cuda/work.hpp"
#include "blasx/device/device.hpp"
#include "blasx/device/module.hpp"

namespace blasx::device::cuda {

class CudaDevice final : public Device {
 public:
  static Result<std::unique_ptr<Device>> make(const ModuleDeviceOptions& options);
  ~CudaDevice() override;

  const DeviceInfo& info() const override { return info_; }
  Result<int64_t> open_arena(int64_t bytes) override;
  std::byte* arena() override { return work_->arena(); }
  double home_rate() const override { return work_->rates().staged; }
  double peer_rate(const Device& from) const override;
  double kernel_rate(Type type) const override { return work_->kernel_rate(type); }
  void fetch(const Copy& copy) override;
  void store(const Copy& copy) override;
  void compute(const Kernels& kernels) override;
  void begin_call(CompletionQueue* completions, DeviceId self, int32_t streams) override;
  bool only_here(const BlasCall& call) override;
  void open_matrices(const tile::TaskGraph& graph) override;
  void close_matrices() override;
  std::string trouble() const override { return work_->trouble(); }

 private:
  explicit CudaDevice(const ModuleDeviceOptions& options);
  Status describe(int32_t sharers);

  const int32_t gpu_;
  DeviceInfo info_;
  std::vector<int32_t> cpus_;
  std::unique_ptr<Copiers> copiers_;
  std::unique_ptr<Work> work_;      // made and destroyed on the engine's thread
  std::unique_ptr<Engine> engine_;  // last: its thread uses all of the above
};

}  // namespace blasx::device::cuda
