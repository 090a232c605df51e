// SPDX-License-Identifier: Apache-2.0
// The processor itself: kernels work on the caller's matrices in place, nothing is copied. It owns one thread a worker,
// started at the first kernel.
#pragma once

#include <memory>
#include <vector>

#include "blasx/device/device.hpp"
#include "blasx/device/worker.hpp"

namespace blasx::device {

struct CpuDeviceOptions {
  int32_t workers = 1;
  bool fuse_steps =
      true;  // adjacent steps as one longer kernel; off for results that equal other devices' bit for bit
};

class CpuDevice final : public Device {
 public:
  explicit CpuDevice(CpuDeviceOptions options);

  const DeviceInfo& info() const override { return info_; }
  Result<int64_t> open_arena(int64_t /*bytes*/) override { return 0; }
  std::byte* arena() override { return nullptr; }
  void begin_call(CompletionQueue* completions, DeviceId self, int32_t streams) override;
  void fetch(const Copy& copy) override;  // never asked of a device that works at home
  void store(const Copy& copy) override;
  void compute(const Kernels& kernels) override;

  // Runs the task's steps on home memory in the calling thread.
  static void run_at_home(const Kernels& kernels, bool fuse_steps);

 private:
  void refuse(OpId op);

  CpuDeviceOptions options_;
  DeviceInfo info_;
  CompletionQueue* completions_ = nullptr;
  DeviceId self_{};
  std::vector<std::unique_ptr<Worker<Kernels>>> workers_;
};

}  // namespace blasx::device
