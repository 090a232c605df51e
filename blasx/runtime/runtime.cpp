// SPDX-License-Identifier: Apache-2.0
#include "blasx/runtime/runtime.hpp"

#include <algorithm>
#include <utility>

#include "blasx/config/messages.hpp"
#include "blasx/device/clock.hpp"
#include "blasx/hostblas/host_threads.hpp"
#include "blasx/runtime/machine.hpp"
#include "blasx/schedule/ready_zones.hpp"
#include "blasx/tile/shape.hpp"

namespace blasx::runtime {
namespace {

constexpr double kLongestTask = 0.25;

bool has_arena(const device::Device& device) {
  return device.info().memory == schedule::Memory::Arena;
}

// Of one kind with those that take part already, so that results do not depend on who computed what.
bool alike(const device::Device& device, const std::vector<device::Device*>& others) {
  return others.empty() || others.front()->info().description == device.info().description;
}

// Whether one task on one core would take much of the time in which the others do the whole call.
bool would_hold_up(const BlasCall& call, const tile::ShapeFacts& others,
                   const schedule::DeviceSpec& cpu) {
  if (others.operations_per_second <= 0 || cpu.operations_per_second <= 0) return false;
  const Result<tile::TileShape> shape = tile::choose_tile_shape(call, others);
  if (!shape) return false;
  const double tasks = tile::TaskGraph(call, *shape).task_count();
  const double task_s =
      cpu.units / cpu.operations_per_second / tasks;  // of each operation of the call
  const double call_s = 1 / others.operations_per_second;
  return task_s > kLongestTask * call_s;
}

// Says when the current call will end, and takes it back.
class BusyMark {
 public:
  BusyMark(std::atomic<int64_t>& until, int64_t value) : until_(until) {
    until_.store(value, std::memory_order_relaxed);
  }
  ~BusyMark() { until_.store(0, std::memory_order_relaxed); }
  BusyMark(const BusyMark&) = delete;
  BusyMark& operator=(const BusyMark&) = delete;

 private:
  std::atomic<int64_t>& until_;
};

}  // namespace

Runtime::Runtime(Options options) : options_(std::move(options)) {
  MutexLock lock(mutex_);
  for (auto& device : make_devices(options_)) {
    slots_.push_back({.device = std::move(device), .row = static_cast<int32_t>(slots_.size())});
  }
  count_usable();
}

Runtime::~Runtime() = default;

void Runtime::count_usable() {
  int32_t count = 0;
  for (const Slot& slot : slots_) count += slot.usable && has_arena(*slot.device) ? 1 : 0;
  if (!module_open_) count += expected_devices(options_.gpus);
  usable_devices_.store(count, std::memory_order_relaxed);
}

std::vector<device::DeviceInfo> Runtime::devices() {
  MutexLock lock(mutex_);
  make_module_slots();
  std::vector<device::DeviceInfo> infos;
  for (const Slot& slot : slots_) infos.push_back(slot.device->info());
  return infos;
}

void Runtime::make_module_slots() {
  if (std::exchange(module_open_, true)) return;
  for (auto& device : make_module_devices(options_)) {
    const auto row = static_cast<int32_t>(slots_.size());
    slots_.insert(slots_.end() - 1, {.device = std::move(device), .row = row, .of_module = true});
  }
  count_usable();
}

void Runtime::open_arenas() {
  if (std::exchange(arenas_open_, true)) return;
  make_module_slots();
  for (Slot& slot : slots_) {
    if (!has_arena(*slot.device)) continue;
    const int64_t most = slot.device->info().memory_bytes;
    int64_t wanted = options_.device_memory_bytes > 0 ? options_.device_memory_bytes : most;
    if (slot.of_module && options_.device_memory_share > 0)
      wanted = static_cast<int64_t>(static_cast<double>(most) * options_.device_memory_share);
    slot.arena_bytes = open_arena(*slot.device, wanted);
    slot.usable = slot.arena_bytes > 0;
  }
  // What a device of a module holds beside its arena is given back with it.
  std::erase_if(slots_, [](const Slot& slot) { return slot.of_module && !slot.usable; });
  count_usable();
  note_facts();
}

void Runtime::note_facts() {
  DeviceFacts facts;
  bool any = false;
  for (const Slot& slot : slots_) {
    if (!slot.of_module || !slot.usable) continue;
    any = true;
    for (int t = 0; t < kTypeCount; ++t)
      facts.kernel_rate[t] += slot.device->kernel_rate(static_cast<Type>(t));
    facts.link_rate += slot.device->home_rate();
    facts.memory_bytes += static_cast<double>(slot.arena_bytes);
  }
  MutexLock lock(facts_mutex_);
  if (any) facts_ = facts;
}

std::optional<DeviceFacts> Runtime::facts() const {
  MutexLock lock(facts_mutex_);
  return facts_;
}

void Runtime::name_timeline_rows() {
  for (Slot& slot : slots_) {
    if (!std::exchange(slot.named, true)) name_timeline_row(slot.row, slot.device->info());
  }
}

Result<Runtime::Party> Runtime::assemble(const BlasCall& call, Where where, double cpu_rate) {
  Party party;
  tile::ShapeFacts facts;
  facts.tile = options_.tile;
  facts.streams = 0;
  int32_t copy_threads = 0;
  const auto module =
      std::ranges::find_if(slots_, [](const Slot& slot) { return slot.of_module && slot.usable; });
  if (module != slots_.end()) party.off_home = module->device->only_here(call);
  if (party.off_home) open_arenas();
  for (size_t i = 0; i < slots_.size(); ++i) {
    const Slot& slot = slots_[i];
    const bool arena = has_arena(*slot.device);
    if (!slot.usable || (arena && where == Where::Cpu && !party.off_home)) continue;
    if (party.off_home && !slot.of_module) continue;
    if (options_.deterministic && arena && !alike(*slot.device, party.devices)) continue;
    schedule::DeviceSpec spec;
    spec.memory = slot.device->info().memory;
    spec.streams = arena ? options_.streams : slot.device->info().compute_units;
    copy_threads += slot.device->info().copy_threads;
    // The sum of threads stays the machine's cores.
    if (!arena) spec.streams = std::max(1, spec.streams - copy_threads);
    spec.units = std::min(spec.streams, slot.device->info().compute_units);
    spec.operations_per_second = arena ? slot.device->kernel_rate(call.type) : cpu_rate;
    // The processor is the last slot: whether others take part is known by now.
    spec.spare = !arena && !party.devices.empty() &&
                 (!options_.cpu || options_.deterministic || would_hold_up(call, facts, spec));
    if (!spec.spare) facts.streams += spec.streams;
    if (arena) {
      facts.add_arena({.bytes = slot.arena_bytes,
                       .streams = spec.streams,
                       .operations_per_second = spec.operations_per_second,
                       .bytes_per_second = slot.device->home_rate()});
    }
    party.slots.push_back(static_cast<int32_t>(i));
    party.rows.push_back(slot.row);
    party.devices.push_back(slot.device.get());
    party.specs.push_back(spec);
  }
  party.rates = link_rates(party.devices);
  facts.peers = schedule::any_peers(party.links());
  const Result<tile::TileShape> shape = tile::choose_tile_shape(call, facts);
  if (!shape) return tl::unexpected(shape.error());
  party.shape = *shape;
  return party;
}

Result<CallReport> Runtime::run(const BlasCall& call, Where where, int64_t expected_ns,
                                double cpu_rate) {
  MutexLock lock(mutex_);
  const int64_t start = device::now_ns();
  const BusyMark busy(busy_until_ns_, start + expected_ns);
  if (where == Where::Devices) open_arenas();
  Result<Party> party = assemble(call, where, cpu_rate);
  if (!party) return tl::unexpected(party.error());

  const tile::TaskGraph graph(call, party->shape);
  const schedule::LinkTable links = party->links();
  double memory_bytes = 0;
  for (size_t i = 0; i < party->devices.size(); ++i) {
    schedule::DeviceSpec& spec = party->specs[i];
    const int64_t arena_bytes = slots_[static_cast<size_t>(party->slots[i])].arena_bytes;
    memory_bytes += static_cast<double>(arena_bytes);
    const int64_t room = arena_bytes / graph.block_bytes();
    // No more than a call can fill: small tiles in a large arena would make a table of millions. Three a stream is the
    // least a scheduler wants.
    const int64_t use = graph.tile_count() + graph.task_count() + 3 * int64_t{spec.streams};
    spec.blocks = static_cast<int32_t>(std::min<int64_t>({room, use, INT32_MAX}));
    const double link = party->devices[i]->home_rate();
    const bool of_module = slots_[static_cast<size_t>(party->slots[i])].of_module;
    if ((of_module || graph.shape().thin) && link > 0)
      schedule::set_under_way(spec, graph, links, i, link);
  }
  const hostblas::ScopedSingleThread single_thread;
  if (timeline_wanted()) name_timeline_rows();
  Driver driver(graph, party->devices, party->specs, party->rows, links);
  CallReport report;
  report.finished_here = driver.run(party->off_home ? Driver::Rest::Leave : Driver::Rest::Finish);
  if (party->off_home && report.finished_here > 0) {
    warn(Message::MatricesLost, {std::to_string(report.finished_here) + " tiles of it"});
  }
  report.shape = graph.shape();
  report.memory_bytes = memory_bytes;
  report.tasks = graph.task_count();
  report.traffic = driver.traffic();
  report.links = driver.links();
  report.shares = driver.shares();
  report.elapsed_ns = device::now_ns() - start;
  report.internal_error = driver.internal_error();
  if (!report.internal_error.empty() && !party->off_home) {
    warn(Message::FinishedHere, {report.internal_error});
  }
  retire_lost(*party, report.shares);
  return report;
}

void Runtime::retire_lost(const Party& party, const std::vector<DeviceShare>& shares) {
  for (size_t i = 0; i < shares.size(); ++i) {
    Slot& slot = slots_[static_cast<size_t>(party.slots[i])];
    if (!shares[i].lost || !slot.usable) continue;
    slot.usable = false;
    const std::string why = slot.device->trouble();
    warn(Message::DeviceRetired, {shares[i].name + (why.empty() ? why : " (" + why + ")")});
  }
  count_usable();
}

Runtime& process_runtime() {
  static Runtime* const runtime = new Runtime(options_from(config::current()->values()));
  return *runtime;
}

}  // namespace blasx::runtime
