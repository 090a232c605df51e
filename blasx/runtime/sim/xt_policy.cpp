// SPDX-License-Identifier: Apache-2.0
#include "blasx/runtime/sim/xt_policy.hpp"

#include <algorithm>

#include "common/check.hpp"

namespace blasx::runtime::sim {

using schedule::BlockId;
using schedule::DeviceId;
using schedule::OpId;
using tile::Region;
using tile::TaskId;
using tile::TileId;

namespace {

constexpr int32_t kBlocks = 3;  // of a stream: C, A, B

DeviceId id_of(size_t device) { return DeviceId{static_cast<int32_t>(device)}; }
BlockId block_of(size_t stream, int32_t place) {
  return BlockId{static_cast<int32_t>(stream) * kBlocks + place};
}

}  // namespace

XtPolicy::XtPolicy(const tile::TaskGraph& graph, std::span<const schedule::DeviceSpec> specs)
    : graph_(graph), devices_(specs.size()), committed_(static_cast<size_t>(graph.task_count())) {
  for (size_t d = 0; d < specs.size(); ++d) {
    devices_[d].at_home = specs[d].memory == schedule::Memory::Home;
    devices_[d].streams.resize(
        static_cast<size_t>(devices_[d].at_home ? specs[d].streams : kStreams));
  }
  for (int32_t i = 0; i < graph.task_count(); ++i) {
    devices_[static_cast<size_t>(i) % devices_.size()].queue.push_back(TaskId{i});
  }
}

// trmm is out of place there: only solved tiles are waited for.
bool XtPolicy::may_start(TaskId id) const {
  const tile::Task task = graph_.task(id);
  return task.edge != tile::Edge::ReadAfterWrite ||
         committed_[static_cast<size_t>(tile::index(task.predecessor))];
}

void XtPolicy::start() {
  for (size_t d = 0; d < devices_.size(); ++d) fill(d);
}

void XtPolicy::fill(size_t device) {
  Device& d = devices_[device];
  for (size_t s = 0; s < d.streams.size(); ++s) {
    if (d.streams[s].task != TaskId::None) continue;
    const auto it =
        std::find_if(d.queue.begin(), d.queue.end(), [&](TaskId id) { return may_start(id); });
    if (it == d.queue.end()) return;
    const TaskId id = *it;
    d.queue.erase(it);
    begin(device, s, id);
  }
}

void XtPolicy::begin(size_t device, size_t stream, TaskId id) {
  const tile::Task task = graph_.task(id);
  Stream& s = devices_[device].streams[stream];
  s = Stream{};
  s.task = id;
  s.steps = task.step_count;
  if (devices_[device].at_home) {
    compute(device, stream);
    return;
  }
  if (task.reads_output) fetch(device, stream, task.output, task.region, 0);
  fetch_step(device, stream);
}

OpId XtPolicy::open(const Pending& pending) {
  const OpId op{next_op_++};
  pending_.emplace(static_cast<int64_t>(op), pending);
  return op;
}

int64_t XtPolicy::bytes(TileId tile, Region region) const {
  const int64_t all = graph_.bytes(tile);
  const int64_t edge = graph_.rows(tile);
  return region == Region::Full ? all : all / edge * (edge + 1) / 2;
}

void XtPolicy::fetch(size_t device, size_t stream, TileId tile, Region region, int32_t place) {
  ++devices_[device].streams[stream].copies;
  const OpId op = open({Kind::Fetch, device, stream, bytes(tile, region)});
  commands_.emplace_back(schedule::Fetch{op, id_of(device), block_of(stream, place), tile, region});
}

void XtPolicy::fetch_step(size_t device, size_t stream) {
  const Stream& s = devices_[device].streams[stream];
  const tile::Step step = graph_.step(s.task, s.step);
  int32_t place = 1;
  for (const TileId t : {step.a, step.b}) {
    if (t != TileId::None) {
      fetch(device, stream, t, Region::Full, place);
      ++traffic_.misses;
    }
    ++place;
  }
  if (s.copies == 0) compute(device, stream);
}

void XtPolicy::compute(size_t device, size_t stream) {
  const Stream& s = devices_[device].streams[stream];
  const OpId op = open({Kind::Compute, device, stream, 0});
  schedule::Compute c;
  c.op = op;
  c.device = id_of(device);
  c.stream = static_cast<int32_t>(stream);
  c.task = s.task;
  c.first_step = s.step;
  c.step_count = devices_[device].at_home ? s.steps : 1;
  if (!devices_[device].at_home) {
    c.a = block_of(stream, 1);
    c.b = block_of(stream, 2);
    c.c = block_of(stream, 0);
  }
  commands_.emplace_back(c);
}

void XtPolicy::store(size_t device, size_t stream) {
  const tile::Task task = graph_.task(devices_[device].streams[stream].task);
  const OpId op = open({Kind::Store, device, stream, bytes(task.output, task.region)});
  commands_.emplace_back(schedule::Store{op, id_of(device), static_cast<int32_t>(stream),
                                         devices_[device].streams[stream].task,
                                         block_of(stream, 0)});
}

void XtPolicy::commit(size_t device, size_t stream) {
  Stream& s = devices_[device].streams[stream];
  committed_[static_cast<size_t>(tile::index(s.task))] = true;
  ++committed_count_;
  s = Stream{};
  for (size_t d = 0; d < devices_.size(); ++d) fill(d);
}

void XtPolicy::on(const schedule::Event& event) {
  const auto* done = std::get_if<schedule::OpDone>(&event);
  if (done == nullptr) {
    failed_ = true;
    return;
  }
  const auto it = pending_.find(static_cast<int64_t>(done->op));
  BLASX_CHECK(it != pending_.end());
  const Pending p = it->second;
  pending_.erase(it);
  Stream& s = devices_[p.device].streams[p.stream];
  switch (p.kind) {
    case Kind::Fetch:
      traffic_.home_to_device_bytes += p.bytes;
      if (--s.copies == 0) compute(p.device, p.stream);
      return;
    case Kind::Compute:
      if (devices_[p.device].at_home) {
        commit(p.device, p.stream);
      } else if (++s.step < s.steps) {
        fetch_step(p.device, p.stream);
      } else {
        store(p.device, p.stream);
      }
      return;
    case Kind::Store:
      traffic_.device_to_home_bytes += p.bytes;
      commit(p.device, p.stream);
      return;
  }
}

void XtPolicy::take_commands(std::vector<schedule::Command>& out) {
  out.clear();
  out.swap(commands_);
}

}  // namespace blasx::runtime::sim
