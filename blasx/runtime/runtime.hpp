// SPDX-License-Identifier: Apache-2.0
// The devices of this process and the right to use them: one call at a time holds them all. The Runtime owns devices and
// arenas; the process's own one is never destroyed, because its threads may sleep in it while the program exits.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "blasx/device/device.hpp"
#include "blasx/runtime/driver.hpp"
#include "blasx/runtime/options.hpp"
#include "blasx/schedule/protocol.hpp"
#include "blasx/tile/call.hpp"
#include "blasx/tile/graph.hpp"
#include "common/mutex.hpp"
#include "common/status.hpp"

namespace blasx::runtime {

// What was measured of the devices with memory of their own when they were opened; all together.
struct DeviceFacts {
  double kernel_rate[kTypeCount] = {};  // operations per second
  double link_rate = 0;                 // bytes per second from home
  double memory_bytes = 0;
};

// Where a call's tasks go.
enum class Where : uint8_t {
  Devices,  // all configured devices
  Cpu,      // the processor alone
};

struct CallReport {
  tile::TileShape shape;
  int32_t tasks = 0;
  int64_t finished_here = 0;  // tasks that no device was left for
  std::string
      internal_error;  // empty, or the broken invariant that made the calling thread finish the call
  schedule::Traffic traffic;
  std::vector<LinkUse> links;
  std::vector<DeviceShare> shares;  // of the devices that took part
  double memory_bytes = 0;          // of all arenas together
  int64_t elapsed_ns = 0;           // without waiting for other calls
};

class Runtime {
 public:
  explicit Runtime(Options options);
  ~Runtime();

  // Computes C. Any thread; calls wait for each other. expected_ns: the caller's estimate, for busy_until_ns(). cpu_rate: what it
  // knows of the processor's operations per second in this routine, 0 if nothing.
  // An error means that nothing of C was touched.
  Result<CallReport> run(const BlasCall& call, Where where, int64_t expected_ns = 0,
                         double cpu_rate = 0);

  // Steady-clock time at which the running call is expected to end, 0 if none runs: for deciding whether to wait.
  int64_t busy_until_ns() const { return busy_until_ns_.load(std::memory_order_relaxed); }

  // Devices with memory of their own that are still in use; before the first call for devices, those that were asked for. Any thread.
  int32_t device_count() const { return usable_devices_.load(std::memory_order_relaxed); }
  // All of them, the processor last, lost ones included; makes those that wait for a first call. Any thread; waits for a call.
  std::vector<device::DeviceInfo> devices();
  const Options& options() const { return options_; }

  // Nothing before the devices of a module were opened, or where there are none. Any thread; never waits for a call.
  std::optional<DeviceFacts> facts() const;

 private:
  struct Slot {
    std::unique_ptr<device::Device> device;
    int32_t row = 0;  // in timelines
    bool of_module = false;
    int64_t arena_bytes = 0;
    bool usable = true;
    bool named = false;  // in the timeline
  };
  // The devices of one call, DeviceId i in all of these.
  struct Party {
    std::vector<int32_t> slots, rows;
    std::vector<device::Device*> devices;
    std::vector<schedule::DeviceSpec> specs;
    std::vector<double> rates;
    tile::TileShape shape;
    bool off_home = false;  // a matrix is where only these devices reach it
    schedule::LinkTable links() const {
      return {static_cast<int32_t>(devices.size()), rates.data()};
    }
  };

  void make_module_slots() BLASX_REQUIRES(mutex_);
  void open_arenas() BLASX_REQUIRES(mutex_);
  void note_facts() BLASX_REQUIRES(mutex_);
  void name_timeline_rows() BLASX_REQUIRES(mutex_);
  Result<Party> assemble(const BlasCall& call, Where where, double cpu_rate) BLASX_REQUIRES(mutex_);
  void retire_lost(const Party& party, const std::vector<DeviceShare>& shares)
      BLASX_REQUIRES(mutex_);
  void count_usable() BLASX_REQUIRES(mutex_);

  const Options options_;
  Mutex mutex_;                                       // held for a whole call
  std::vector<Slot> slots_ BLASX_GUARDED_BY(mutex_);  // the processor last
  bool module_open_ BLASX_GUARDED_BY(mutex_) = false;
  bool arenas_open_ BLASX_GUARDED_BY(mutex_) = false;
  mutable Mutex facts_mutex_;
  std::optional<DeviceFacts> facts_ BLASX_GUARDED_BY(facts_mutex_);
  std::atomic<int64_t> busy_until_ns_{0};
  std::atomic<int32_t> usable_devices_{0};
};

// The process's Runtime, made of the current configuration at the first use.
Runtime& process_runtime();

}  // namespace blasx::runtime
