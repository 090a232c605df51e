// SPDX-License-Identifier: Apache-2.0
// A machine that only remembers what each block and home tile holds, and finishes, fails or loses operations in an order
// the test chooses. It throws whenever a command reads or overwrites what it must not. Owned by one test case.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "blasx/schedule/protocol.hpp"
#include "blasx/tile/graph.hpp"
#include "tests/blasx/schedule/scenario.hpp"

namespace blasx::schedule {

class ModelMachine {
 public:
  // Both outlive it. `quiet`: nothing will fail, so nothing may be done twice or fetched from home without need.
  ModelMachine(const Scenario& scenario, const tile::TaskGraph& graph, bool quiet);

  // Checks and begins the commands.
  void issue(const std::vector<Command>& commands);

  size_t outstanding() const { return running_.size(); }
  const Command& command(size_t i) const { return running_[i].command; }
  // The i-th outstanding operation, or the kernel its stream has to run before it.
  OpId answerable(size_t i) const;

  // The operation happens, and is checked again against what its operands hold now.
  OpDone finish(OpId op, int64_t duration_ns = 0);
  // It does not happen; what it would have written in a block is garbage.
  OpFailed fail(OpId op);
  // The device answers with failures from now on (or, if it got that far, still with success).
  void lose(DeviceId d) { lost_[static_cast<size_t>(index(d))] = true; }
  bool is_lost(DeviceId d) const { return lost_[static_cast<size_t>(index(d))]; }
  // The scheduler has been told: it must use the device no more.
  void told(DeviceId d) { told_[static_cast<size_t>(index(d))] = true; }
  // The lost device that stands in this operation's way, Home if none does.
  DeviceId obstacle(OpId op) const;

  // Every output tile is home, and was written exactly once.
  void check_complete() const;

 private:
  // What a place holds: which tile in which version, or an output with so many steps done.
  struct Content {
    enum class Kind : uint8_t { Garbage, Tile, Output };
    Kind kind = Kind::Garbage;
    TileId tile = TileId::None;
    bool committed_version = false;  // of a tile of C: the new value
    TaskId task = TaskId::None;
    int32_t steps_done = 0;
  };
  struct Place {
    Content content;
    int32_t readers = 0;
    int32_t writers = 0;
  };
  struct Running {
    OpId op = OpId::None;
    Command command;
    int64_t order = 0;
    bool torn = false;  // a copy from a home tile that was written meanwhile
  };

  [[noreturn]] void complain(const std::string& what) const;
  const DeviceSpec& spec(DeviceId d) const {
    return scenario_.devices[static_cast<size_t>(index(d))];
  }
  Place& block(DeviceId d, BlockId b);
  Place& home(TileId t) { return home_[static_cast<size_t>(tile::index(t))]; }
  TaskId writer_of(TileId t) const { return writer_of_[static_cast<size_t>(tile::index(t))]; }
  bool is_output(TileId t) const { return writer_of(t) != TaskId::None; }
  bool is_home(TaskId t) const { return writes_[static_cast<size_t>(tile::index(t))] > 0; }
  size_t find(OpId op) const;
  Running remove(OpId op);
  // The version of C tiles that the family's kernels read.
  bool reads_committed() const { return graph_.outputs_are_read(); }
  void check_input(const Place& place, TileId wanted) const;
  void check_home_inputs(TaskId task);
  void check_may_write_home(TaskId task) const;
  void check_source(const Fetch& f) const;
  void check_kind(DeviceId d, BlockId b, bool output) const;
  // Copies for tasks that were thrown back may still read a tile that is being written: what they get must not be used.
  void set_torn(TileId t, bool torn);
  void begin(const Fetch& f);
  void begin(const Compute& c);
  void begin(const Store& s);
  void end(const Fetch& f, bool done);
  void end(const Compute& c, bool done);
  void end(const Store& s, bool done);

  const Scenario& scenario_;
  const tile::TaskGraph& graph_;
  bool quiet_;
  std::vector<std::vector<Place>> blocks_;
  std::vector<Place> home_;
  std::vector<TaskId> writer_of_;  // by tile
  std::vector<int32_t> writes_;    // by task
  std::vector<Running> running_;
  std::vector<bool> lost_, told_;
  int64_t issued_ = 0;
  int64_t steps_begun_ = 0;
  bool torn_ = false;  // of the operation that ends now
};

}  // namespace blasx::schedule
