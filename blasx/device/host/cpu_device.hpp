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
  struct Job {
    Kernels kernels;
    bool wakes = false;  // its worker was idle and has been woken for it
  };
  using CpuWorker = Worker<Job>;

  void refuse(OpId op);
  void add_worker();
  void post(size_t worker, const Kernels& kernels);
  void began(const Job& job);
  void ended(size_t worker);

  CpuDeviceOptions options_;
  DeviceInfo info_;
  CompletionQueue* completions_ = nullptr;
  DeviceId self_{};
  // With a worker a core, the core that the last one needs is the caller's, who is about to sleep: woken by the caller, it would be
  // put behind another worker and stay there for a tick. So the first other worker that begins wakes it.
  Mutex wake_mutex_;
  std::vector<int32_t> jobs_ BLASX_GUARDED_BY(wake_mutex_);  // of each worker, posted and not ended
  int32_t waking_ BLASX_GUARDED_BY(wake_mutex_) = 0;  // jobs that wake their workers, not yet begun
  bool last_asleep_ BLASX_GUARDED_BY(wake_mutex_) = false;  // with a job
  std::vector<std::unique_ptr<CpuWorker>> workers_;         // last: they use all of the above
};

}  // namespace blasx::device
