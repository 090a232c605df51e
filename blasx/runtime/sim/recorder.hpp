// SPDX-License-Identifier: Apache-2.0
// What happened in a simulated run: sums for each device, and on request every operation. Owned by the run.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "blasx/schedule/protocol.hpp"
#include "blasx/tile/graph.hpp"

namespace blasx::runtime::sim {

struct Span {
  enum class Kind : uint8_t { Fetch, FetchFromPeer, Compute, Store };
  Kind kind = Kind::Compute;
  int32_t device = 0;
  int32_t stream = 0;
  tile::TaskId task = tile::TaskId::None;
  tile::TileId tile = tile::TileId::None;
  int64_t bytes = 0;
  double start_s = 0, end_s = 0;
};

struct DeviceUse {
  std::string name;
  int64_t tasks = 0;
  double operations = 0;
  double busy_s = 0;  // of its units, kernels only; copies are not work
  double last_s = 0;  // its last operation ended
  bool lost = false;
};

class Recorder {
 public:
  Recorder(const tile::TaskGraph& graph, std::vector<std::string> devices, bool keep_spans);

  void done(const Span& span, bool commits);
  void lost(schedule::DeviceId device) { uses_[static_cast<size_t>(index(device))].lost = true; }

  const std::vector<DeviceUse>& uses() const { return uses_; }
  std::vector<Span> take_spans() { return std::move(spans_); }

 private:
  const tile::TaskGraph& graph_;
  bool keep_spans_;
  std::vector<DeviceUse> uses_;
  std::vector<Span> spans_;
};

}  // namespace blasx::runtime::sim
