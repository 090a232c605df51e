// SPDX-License-Identifier: Apache-2.0
#include "blasx/runtime/driver.hpp"

#include <algorithm>
#include <variant>

#include "blasx/device/host/cpu_device.hpp"
#include "common/check.hpp"

namespace blasx::runtime {

using device::Completion;
using device::Copy;
using device::Kernels;
using device::Window;
using schedule::BlockId;
using schedule::Compute;
using schedule::DeviceId;
using schedule::Fetch;
using schedule::OpId;
using schedule::Store;
using tile::TaskId;
using tile::TileId;

Driver::Driver(const tile::TaskGraph& graph, std::span<device::Device* const> devices,
               std::span<const schedule::DeviceSpec> specs, std::span<const int32_t> rows,
               schedule::LinkTable links)
    : graph_(graph),
      devices_(devices),
      rows_(rows),
      lds_(graph.block_lds()),
      scheduler_(graph, specs, links),
      committed_(static_cast<size_t>(graph.task_count()), false),
      shares_(devices.size()),
      carried_((devices.size() + 1) * (devices.size() + 1), 0) {
  for (size_t i = 0; i < devices.size(); ++i) {
    outputs_.push_back(specs[i].outputs);
    shares_[i].name = devices[i]->info().name;
    shares_[i].at_home = devices[i]->info().memory == schedule::Memory::Home;
    devices[i]->begin_call(&completions_, DeviceId{static_cast<int32_t>(i)}, specs[i].streams);
    devices[i]->open_matrices(graph);
  }
}

int64_t Driver::run(Rest rest) {
  try {
    loop();
  } catch (const std::exception& e) {  // a broken invariant, or no memory for the bookkeeping
    internal_error_ = e.what();
  }
  // Devices may still write home memory and reports still name this call's queue.
  while (!pending_.empty()) take_reports(false);
  for (device::Device* device : devices_) device->close_matrices();
  return finish_here(rest);
}

void Driver::loop() {
  scheduler_.start();
  while (true) {
    scheduler_.take_commands(commands_);
    for (const schedule::Command& command : commands_) issue(command);
    if (scheduler_.finished() || scheduler_.exhausted()) return;
    BLASX_CHECK(!pending_.empty());  // or nothing would ever happen again
    take_reports(true);
  }
}

// What was not handed over will not be reported: it must not stay pending.
template <typename F>
void Driver::submit(OpId op, const Pending& pending, F&& hand_over) {
  const auto [it, fresh] = pending_.emplace(static_cast<int64_t>(op), pending);
  BLASX_CHECK(fresh);
  try {
    hand_over();
  } catch (...) {
    pending_.erase(it);
    throw;
  }
}

void Driver::issue(const schedule::Command& command) {
  std::visit([this](const auto& c) { issue(c); }, command);
}

// Those of outputs come first and are as large as several others.
Window Driver::block(DeviceId id, BlockId b, int64_t ld) {
  if (b == BlockId::None) return {};
  const int64_t larger = std::min(index(b), outputs_[static_cast<size_t>(index(id))]);
  const int64_t units = index(b) + larger * (graph_.blocks_of_output() - 1);
  return {device(id).arena() + units * graph_.block_bytes(), ld};
}

void Driver::issue(const Fetch& fetch) {
  Copy copy;
  copy.op = fetch.op;
  const int64_t ld = graph_.block_ld(fetch.tile);
  copy.to = block(fetch.device, fetch.block, ld);
  copy.source = fetch.source;
  if (fetch.source == DeviceId::Home) {
    copy.from = {graph_.home(fetch.tile), graph_.home_ld(fetch.tile)};
  } else {
    copy.from = block(fetch.source, fetch.source_block, ld);
    copy.peer = &device(fetch.source);
  }
  copy.rows = graph_.rows(fetch.tile);
  copy.cols = graph_.cols(fetch.tile);
  copy.element_bytes = element_bytes(graph_.call().type);
  copy.region = fetch.region;
  const Pending pending{
      fetch.source == DeviceId::Home ? Operation::Kind::FetchHome : Operation::Kind::FetchPeer,
      false,
      fetch.device,
      0,
      TaskId::None,
      fetch.tile,
      fetch.source,
      fetch.device,
      fetch.source == fetch.device ? 0 : scheduler_.bytes(fetch.tile, fetch.region)};
  submit(fetch.op, pending, [&] { device(fetch.device).fetch(copy); });
}

void Driver::issue(const Compute& compute) {
  const bool at_home = compute.c == BlockId::None;
  Kernels kernels;
  kernels.op = compute.op;
  kernels.stream = compute.stream;
  kernels.graph = &graph_;
  kernels.task = compute.task;
  kernels.first_step = compute.first_step;
  kernels.count = compute.step_count;
  kernels.a = block(compute.device, compute.a, lds_[0]);
  kernels.b = block(compute.device, compute.b, lds_[1]);
  kernels.c = block(compute.device, compute.c, lds_[2]);
  const Pending pending{Operation::Kind::Compute, at_home,      compute.device,
                        compute.stream,           compute.task, TileId::None};
  submit(compute.op, pending, [&] { device(compute.device).compute(kernels); });
}

void Driver::issue(const Store& store) {
  const tile::Task task = graph_.task(store.task);
  Copy copy;
  copy.op = store.op;
  copy.from = block(store.device, store.c, lds_[2]);
  copy.to = {graph_.home(task.output), graph_.home_ld(task.output)};
  copy.rows = graph_.rows(task.output);
  copy.cols = graph_.cols(task.output);
  copy.element_bytes = element_bytes(graph_.call().type);
  copy.region = task.region;
  copy.old_value_needed = task.reads_output;
  copy.urgent = store.urgent;
  const Pending pending{
      Operation::Kind::Store, true,           store.device,
      store.stream,           store.task,     task.output,
      store.device,           DeviceId::Home, scheduler_.bytes(task.output, task.region)};
  submit(store.op, pending, [&] { device(store.device).store(copy); });
}

void Driver::take_reports(bool tell_scheduler) {
  completions_.wait(reports_);
  for (const Completion& report : reports_) {
    const auto it = pending_.find(static_cast<int64_t>(report.op));
    BLASX_CHECK(it != pending_.end());
    const Pending p = it->second;
    pending_.erase(it);
    finished(p, report);
    if (!tell_scheduler) continue;
    if (report.ok) {
      scheduler_.on(schedule::OpDone{report.op, report.end_ns - report.start_ns});
    } else {
      scheduler_.on(schedule::OpFailed{report.op, report.lost});
    }
  }
}

int64_t& Driver::carried(DeviceId from, DeviceId to) {
  const auto at = [&](DeviceId d) {
    return d == DeviceId::Home ? shares_.size() : static_cast<size_t>(index(d));
  };
  return carried_[at(from) * (shares_.size() + 1) + at(to)];
}

std::vector<LinkUse> Driver::links() const {
  const auto name = [&](size_t i) { return i < shares_.size() ? shares_[i].name : "home"; };
  std::vector<LinkUse> used;
  const size_t side = shares_.size() + 1;
  for (size_t i = 0; i < carried_.size(); ++i) {
    if (carried_[i] > 0) used.push_back({name(i / side), name(i % side), carried_[i]});
  }
  return used;
}

void Driver::finished(const Pending& p, const Completion& report) {
  DeviceShare& share = shares_[static_cast<size_t>(index(p.device))];
  if (!report.ok) {
    if (report.lost != DeviceId::Home) shares_[static_cast<size_t>(index(report.lost))].lost = true;
    return;
  }
  if (p.kind == Operation::Kind::Compute) share.busy_ns += report.end_ns - report.start_ns;
  if (p.bytes > 0) carried(p.from, p.to) += p.bytes;
  if (p.commits) {
    committed_[static_cast<size_t>(index(p.task))] = true;
    share.tasks += 1;
    share.operations += graph_.operations(p.task);
  }
  if (timeline_wanted()) {
    note_operation(graph_, {p.kind, rows_[static_cast<size_t>(index(p.device))], p.stream, p.task,
                            p.tile, report.start_ns, report.end_ns});
  }
}

// Chains run in TaskId order within themselves, and a chain's committed tasks are its beginning, so going up the ids
// honours every edge.
int64_t Driver::finish_here(Rest rest) {
  int64_t count = 0;
  for (int32_t i = 0; i < graph_.task_count(); ++i) {
    if (committed_[static_cast<size_t>(i)]) continue;
    ++count;
    if (rest == Rest::Leave) continue;
    Kernels all;
    all.graph = &graph_;
    all.task = TaskId{i};
    all.count = graph_.task(all.task).step_count;
    device::CpuDevice::run_at_home(all, false);
  }
  return count;
}

}  // namespace blasx::runtime
