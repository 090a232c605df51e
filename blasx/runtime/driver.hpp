// SPDX-License-Identifier: Apache-2.0
// Runs one call: the calling thread feeds the scheduler with completions and the devices with its commands until every
// output tile is home. It owns the scheduler and the completion queue of the call; no other thread touches either.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "blasx/device/completion.hpp"
#include "blasx/device/device.hpp"
#include "blasx/runtime/timeline.hpp"
#include "blasx/schedule/scheduler.hpp"
#include "blasx/tile/graph.hpp"

namespace blasx::runtime {

// What one device did in a call.
struct DeviceShare {
  std::string name;
  int64_t tasks = 0;
  double operations = 0;
  int64_t busy_ns = 0;   // kernels
  bool at_home = false;  // works on the caller's memory: what it computes moves nothing
  bool lost = false;
};

// What one link carried in a call.
struct LinkUse {
  std::string from, to;  // devices' names, or "home"
  int64_t bytes = 0;
};

class Driver {
 public:
  // specs[i], devices[i] and rows[i] (its number in timelines) are one device, DeviceId i. All outlive the Driver.
  Driver(const tile::TaskGraph& graph, std::span<device::Device* const> devices,
         std::span<const schedule::DeviceSpec> specs, std::span<const int32_t> rows,
         schedule::LinkTable links);

  // What the devices could not finish.
  enum class Rest : uint8_t {
    Finish,  // on the calling thread
    Leave,   // the matrices are out of its reach
  };
  // Returns when all of C is home and no device has an operation of this call left; how many tasks the devices did not finish.
  int64_t run(Rest rest = Rest::Finish);

  const schedule::Traffic& traffic() const { return scheduler_.traffic(); }
  const std::vector<DeviceShare>& shares() const { return shares_; }
  // The links that carried anything.
  std::vector<LinkUse> links() const;
  // Empty, or the broken invariant that made the calling thread finish the call.
  const std::string& internal_error() const { return internal_error_; }

 private:
  struct Pending {
    Operation::Kind kind;
    bool commits;  // its success puts the task's output home
    schedule::DeviceId device;
    int32_t stream;
    tile::TaskId task;
    tile::TileId tile;
    schedule::DeviceId from = schedule::DeviceId::Home, to = schedule::DeviceId::Home;
    int64_t bytes = 0;  // that a copy carries
  };

  void loop();
  template <typename F>
  void submit(schedule::OpId op, const Pending& pending, F&& hand_over);
  void issue(const schedule::Command& command);
  void issue(const schedule::Fetch& fetch);
  void issue(const schedule::Compute& compute);
  void issue(const schedule::Store& store);
  void take_reports(bool tell_scheduler);
  void finished(const Pending& p, const device::Completion& report);
  int64_t finish_here(Rest rest);
  // Home is the last of each dimension.
  int64_t& carried(schedule::DeviceId from, schedule::DeviceId to);

  device::Device& device(schedule::DeviceId id) {
    return *devices_[static_cast<size_t>(index(id))];
  }
  device::Window block(schedule::DeviceId id, schedule::BlockId b, int64_t ld);

  const tile::TaskGraph& graph_;
  std::span<device::Device* const> devices_;
  std::span<const int32_t> rows_;
  std::array<int64_t, 3> lds_;    // of a, b and c in blocks
  std::vector<int32_t> outputs_;  // by device: blocks that are as large as C's tiles
  device::CompletionQueue completions_;
  schedule::Scheduler scheduler_;
  std::unordered_map<int64_t, Pending> pending_;
  std::vector<device::Completion> reports_;
  std::vector<schedule::Command> commands_;
  std::vector<bool> committed_;  // by TaskId
  std::vector<DeviceShare> shares_;
  std::vector<int64_t> carried_;
  std::string internal_error_;
};

}  // namespace blasx::runtime
