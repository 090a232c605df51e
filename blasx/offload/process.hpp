// SPDX-License-Identifier: Apache-2.0
// What the process knows for its decisions: settings, machine, rates. Made at the first call that needs a decision and never
// destroyed; the gate is set from here. Any thread.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

#include "blasx/config/config.hpp"
#include "blasx/offload/policy.hpp"
#include "blasx/offload/rates.hpp"
#include "common/mutex.hpp"
#include "common/status.hpp"

namespace blasx::offload {

class Process {
 public:
  static Process& get();
  // Null before the first get().
  static Process* if_there();

  // All that choose() needs for this call; asks the runtime only where devices are named.
  Situation situation(Routine r, Type t, bool nested) const;

  // After a call on devices: takes over what opening them has measured.
  void note_devices();
  // After a decision that left a call off the devices only because they would have to be opened for it: the seconds that cost.
  void missed(double seconds);

  // Seconds that calls of this routine took, as tiles or on the host. Once they are many times what measuring would cost, and
  // the choice is open, the routine is measured.
  void spent(Routine r, Type t, double seconds);
  Status measure_all();
  RateTable::Entry rate(Routine r, Type t) const;

  void read_settings();  // also after blasx_set
  void set_gate();
  // In the child after fork: nothing here may be trusted but atomics.
  void become_forked_child();
  // New calls go straight to the host; tiles under way are finished without its library, which is about to be torn down.
  void begin_exit();

 private:
  Process();
  bool may_run_on_cpu() const;
  void describe_gpus(Type t, Machine& machine) const;
  bool worth_measuring(Routine r, Type t) const;
  Status measure_one(Routine r, Type t);
  void load_rates();
  void save_rates();

  struct Settings {
    std::optional<double> threshold;
    bool cpu_named = false;
    bool cores_named = false;  // HOST_THREADS was set
    bool deterministic = false;
    int32_t devices = 0;  // with memory of their own, as far as is known without opening them
    bool devices_named = false;  // not just found
    int32_t cores = 1;
    std::string machine;     // in words
    std::string cache_file;  // empty: nothing is kept
    bool cache_named = false;
    int32_t gpus = 0;  // of the devices, those that have to be opened
  };
  std::shared_ptr<const Settings> settings() const;

  mutable Mutex mutex_;
  std::shared_ptr<const Settings> settings_ BLASX_GUARDED_BY(mutex_);
  RateTable rates_ BLASX_GUARDED_BY(mutex_);
  double spent_[kRoutineCount][kTypeCount] BLASX_GUARDED_BY(mutex_) = {};
  double missed_s_ BLASX_GUARDED_BY(mutex_) = 0;
  bool opened_ BLASX_GUARDED_BY(mutex_) = false;  // the devices
  std::atomic<bool> measuring_{false};
  std::atomic<bool> forked_{false};
  std::atomic<bool> exiting_{false};
};

}  // namespace blasx::offload
