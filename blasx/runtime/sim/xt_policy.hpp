// SPDX-License-Identifier: Apache-2.0
// The way of cuBLAS-XT, to compare with: output tiles go to the devices in turn, each device works on two at a time, and
// every input is copied from home for every step. Within a stream everything happens in order, as in CUDA. It owns its state;
// it survives no fault.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <vector>

#include "blasx/runtime/sim/policy.hpp"

namespace blasx::runtime::sim {

class XtPolicy final : public Policy {
 public:
  static constexpr int32_t kStreams = 2;

  XtPolicy(const tile::TaskGraph& graph, std::span<const schedule::DeviceSpec> specs);

  void start() override;
  void on(const schedule::Event& event) override;
  void take_commands(std::vector<schedule::Command>& out) override;
  bool finished() const override { return committed_count_ == graph_.task_count(); }
  bool exhausted() const override { return failed_; }
  const schedule::Traffic& traffic() const override { return traffic_; }

 private:
  struct Stream {
    tile::TaskId task = tile::TaskId::None;
    int32_t steps = 0, step = 0;
    int32_t copies = 0;  // under way for the next step
  };
  struct Device {
    bool at_home = false;
    std::deque<tile::TaskId> queue;
    std::vector<Stream> streams;
  };
  enum class Kind : uint8_t { Fetch, Compute, Store };
  struct Pending {
    Kind kind;
    size_t device;
    size_t stream;
    int64_t bytes;
  };

  bool may_start(tile::TaskId id) const;
  void fill(size_t device);
  void begin(size_t device, size_t stream, tile::TaskId id);
  void fetch(size_t device, size_t stream, tile::TileId tile, tile::Region region, int32_t place);
  void fetch_step(size_t device, size_t stream);
  void compute(size_t device, size_t stream);
  void store(size_t device, size_t stream);
  void commit(size_t device, size_t stream);
  schedule::OpId open(const Pending& pending);
  int64_t bytes(tile::TileId tile, tile::Region region) const;

  const tile::TaskGraph& graph_;
  std::vector<Device> devices_;
  std::vector<bool> committed_;
  int32_t committed_count_ = 0;
  bool failed_ = false;
  int64_t next_op_ = 0;
  std::map<int64_t, Pending> pending_;
  std::vector<schedule::Command> commands_;
  schedule::Traffic traffic_;
};

}  // namespace blasx::runtime::sim
