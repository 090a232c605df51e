// SPDX-License-Identifier: Apache-2.0
// A device made of host memory and host threads: an arena of its own, one thread for copies in, one for copies out,
// and one for each compute unit. On a machine without a GPU caching, peer copies, eviction and overlap happen in it for
// real. It owns its arena and threads.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "blasx/device/device.hpp"
#include "blasx/device/host/pace.hpp"
#include "blasx/device/worker.hpp"

namespace blasx::device {

// Makes an operation fail, to show that nothing depends on it. Operations of all kinds are counted from 0 in the order in
// which the device comes to run them.
struct FailPlan {
  int64_t at = -1;          // -1: never
  bool device_lost = true;  // the device is gone with it; else only that operation fails
};

struct HostDeviceOptions {
  std::string name = "host:0";
  int64_t memory_bytes = int64_t{1} << 30;
  int32_t compute_units = 1;
  double link_bytes_per_s =
      0;  // copies from and to home memory are no faster; 0: as fast as memory is
  double operations_per_s = 0;  // kernels are no faster; 0: as fast as they are
  FailPlan fail{};
};

class HostDevice final : public Device {
 public:
  explicit HostDevice(HostDeviceOptions options);
  ~HostDevice() override;

  const DeviceInfo& info() const override { return info_; }
  Result<int64_t> open_arena(int64_t bytes) override;
  std::byte* arena() override { return arena_; }
  double home_rate() const override;
  double peer_rate(const Device& from) const override;
  double kernel_rate(Type /*type*/) const override { return options_.operations_per_s; }
  void begin_call(CompletionQueue* completions, DeviceId self, int32_t streams) override;
  void fetch(const Copy& copy) override;
  void store(const Copy& copy) override;
  void compute(const Kernels& kernels) override;

 private:
  // True if the operation may run; else it was reported as failed.
  bool admit(OpId op, int64_t start_ns);
  void report(OpId op, int64_t start_ns, bool ok, DeviceId lost) const;
  void run_fetch(const Copy& copy);
  void run_store(const Copy& copy);
  void run_compute(const Kernels& kernels);
  void hold_link(Pace& link, int64_t start_ns, int64_t bytes) const;
  void hold_unit(int64_t start_ns, const Kernels& kernels);

  HostDeviceOptions options_;
  DeviceInfo info_;
  std::byte* arena_ = nullptr;
  int64_t arena_bytes_ = 0;

  // Set by the driver between calls, read by the workers of a call: the queues order the two.
  CompletionQueue* completions_ = nullptr;
  DeviceId self_{};

  std::atomic<int64_t> operations_{0};
  std::atomic<bool> lost_{false};

  // Each its thread's.
  Pace in_pace_;
  Pace out_pace_;
  std::vector<Pace> unit_paces_;

  std::unique_ptr<Worker<Copy>> in_;
  std::unique_ptr<Worker<Copy>> out_;
  std::vector<std::unique_ptr<Worker<Kernels>>> units_;
};

}  // namespace blasx::device
