// SPDX-License-Identifier: Apache-2.0
// What a CUDA device has under way: streams, handles, memory and the operations not yet answered. Everything here happens on the device's
// own thread, but for the few functions that say otherwise.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "blasx/device/cuda/engine.hpp"
#include "blasx/device/cuda/home_memory.hpp"
#include "blasx/device/cuda/lane.hpp"
#include "blasx/device/cuda/staging.hpp"
#include "blasx/device/device.hpp"
#include "common/mutex.hpp"

namespace blasx::device::cuda {

class Work {
 public:
  Work(Engine& engine, Copiers& copiers, int32_t gpu, int32_t streams);
  ~Work() { abandon_lanes(); }
  Work(const Work&) = delete;
  Work& operator=(const Work&) = delete;

  // Streams, handles and workspaces, then the arena; how many bytes it got.
  Result<int64_t> open_arena(int64_t bytes);
  std::byte* arena() const { return arena_.get(); }  // any thread, once it is open
  HomeRates rates() const { return rates_; }         // any thread, once it is open
  double kernel_rate(Type type) const {
    return kernel_rates_[static_cast<size_t>(type)];
  }  // as well

  void begin_call(CompletionQueue* completions, DeviceId self);
  void open_matrices(const BlasCall& call, int64_t output_bytes);
  void close_matrices() { home_.close(); }

  void fetch(const Copy& copy, const Work* peer);
  void store(const Copy& copy);
  void compute(const Kernels& kernels);
  Engine::State poll();

  bool lost() const { return lost_.load(std::memory_order_acquire); }  // any thread
  std::string trouble() const;                                         // any thread

 private:
  // A stream for kernels, with what cuBLAS needs to give the same result every time.
  struct Unit {
    Lane lane;
    Handle handle;
    DeviceMemory workspace;
  };

  Status open();
  Result<Unit> open_unit(int64_t workspace_bytes);
  // Where the two ends of a copy are; -1: in host memory that copies reach.
  struct Ends {
    int32_t from = -1, to = -1;
  };
  void fetch_from_peer(const Copy& copy, const Work& peer);
  Status copy_straight(const Copy& copy, Ends ends, Lane& lane, bool& refused);
  Status copy_columns(const Copy& copy, Ends ends, Lane& lane);
  bool pitch_too_long(const Copy& copy) const;
  Status reach(int32_t gpu);
  Status mark(Lane& lane, OpId op);
  void answer(OpId op, int64_t start_ns, int64_t end_ns);
  void answer_lost(OpId op, DeviceId lost);
  void fail(const Status& why);
  void abandon_lanes();
  void settle();

  Engine& engine_;
  Copiers& copiers_;
  const int32_t gpu_;
  const int32_t stream_count_;
  int32_t most_pitch_ = 0;  // bytes between columns that a copy can step over

  // In this order: what is below is released first.
  DeviceMemory arena_;
  DeviceMemory zeros_;
  int64_t arena_bytes_ = 0;
  Lane in_, out_, between_;
  std::vector<Unit> units_;
  std::unique_ptr<Staging> staging_;
  HomeMemory home_;
  HomeRates rates_;
  std::array<double, kTypeCount> kernel_rates_{};
  std::vector<bool> reached_;  // by GPU: peer access is on

  CompletionQueue* completions_ = nullptr;
  DeviceId self_{};
  std::unordered_set<int64_t> open_ops_;
  bool failing_ = false;
  std::atomic<bool> lost_{false};

  mutable Mutex trouble_mutex_;
  std::string trouble_ BLASX_GUARDED_BY(trouble_mutex_);
};

}  // namespace blasx::device::cuda
