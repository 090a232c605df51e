// SPDX-License-Identifier: Apache-2.0
#include "blasx/device/host/host_device.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "blasx/device/clock.hpp"
#include "blasx/device/copy.hpp"
#include "blasx/hostblas/kernels.hpp"

namespace blasx::device {
namespace {

// Without a set rate a host device copies as fast as memory does; peers' blocks are contiguous and count as a better way
// than the caller's strided matrix, so that the second cache level is used as between GPUs.
constexpr double kCopyRate = 8e9;
constexpr double kPeerRate = 16e9;

// The step as a device with private blocks runs it: of a gemmt tile only the triangle is ever stored, so the whole
// block may be computed.
tile::Step on_private_block(tile::Step step) {
  if (step.kernel == tile::Kernel::Gemmt) step.kernel = tile::Kernel::Gemm;
  return step;
}

void hold(Pace& pace, int64_t start_ns, double seconds) {
  const int64_t rest = pace.rest_ns(start_ns, static_cast<int64_t>(seconds * 1e9), now_ns());
  if (rest <= 0) return;
  std::this_thread::sleep_for(std::chrono::nanoseconds(rest));
  pace.woke(now_ns());
}

}  // namespace

HostDevice::HostDevice(HostDeviceOptions options)
    : options_(std::move(options)),
      unit_paces_(static_cast<size_t>(std::max(1, options_.compute_units))) {
  info_.name = options_.name;
  info_.description = "host memory and threads with an arena of their own";
  info_.memory = schedule::Memory::Arena;
  info_.memory_bytes = options_.memory_bytes;
  info_.compute_units = std::max(1, options_.compute_units);
  info_.link_rate = options_.link_bytes_per_s;
  in_ = std::make_unique<Worker<Copy>>(info_.name + " in", [this](Copy& c) { run_fetch(c); });
  out_ = std::make_unique<Worker<Copy>>(info_.name + " out", [this](Copy& c) { run_store(c); });
  for (int32_t i = 0; i < info_.compute_units; ++i) {
    units_.push_back(std::make_unique<Worker<Kernels>>(info_.name + " run",
                                                       [this](Kernels& k) { run_compute(k); }));
  }
}

HostDevice::~HostDevice() {
  units_.clear();
  out_.reset();
  in_.reset();
  if (arena_ != nullptr) munmap(arena_, static_cast<size_t>(arena_bytes_));
}

Result<int64_t> HostDevice::open_arena(int64_t bytes) {
  if (arena_ != nullptr) return arena_bytes_;
  bytes = std::min(bytes, options_.memory_bytes);
  void* memory = mmap(nullptr, static_cast<size_t>(bytes), PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) {
    return tl::unexpected(
        Status(StatusCode::OutOfMemory,
               info_.name + ": arena of " + std::to_string(bytes) + " bytes refused"));
  }
  // Tiles are megabytes: large pages save most of the faults and misses.
  madvise(memory, static_cast<size_t>(bytes), MADV_HUGEPAGE);
  arena_ = static_cast<std::byte*>(memory);
  arena_bytes_ = bytes;
  return bytes;
}

double HostDevice::home_rate() const {
  return options_.link_bytes_per_s > 0 ? options_.link_bytes_per_s : kCopyRate;
}

double HostDevice::peer_rate(const Device& from) const {
  return dynamic_cast<const HostDevice*>(&from) != nullptr ? std::max(kPeerRate, 2 * home_rate())
                                                           : 0;
}

void HostDevice::begin_call(CompletionQueue* completions, DeviceId self, int32_t /*streams*/) {
  completions_ = completions;
  self_ = self;
}

void HostDevice::fetch(const Copy& copy) { in_->post(copy); }
void HostDevice::store(const Copy& copy) { out_->post(copy); }
void HostDevice::compute(const Kernels& kernels) {
  units_[static_cast<size_t>(kernels.stream) % units_.size()]->post(kernels);
}

void HostDevice::report(OpId op, int64_t start_ns, bool ok, DeviceId lost) const {
  completions_->push({op, ok, lost, start_ns, now_ns()});
}

bool HostDevice::admit(OpId op, int64_t start_ns) {
  const int64_t number = operations_.fetch_add(1, std::memory_order_relaxed);
  if (number == options_.fail.at) {
    if (!options_.fail.device_lost) {
      report(op, start_ns, false, DeviceId::Home);
      return false;
    }
    lost_.store(true, std::memory_order_release);
  }
  if (!lost_.load(std::memory_order_acquire)) return true;
  report(op, start_ns, false, self_);
  return false;
}

void HostDevice::run_fetch(const Copy& copy) {
  const int64_t start = now_ns();
  const auto* peer = static_cast<const HostDevice*>(copy.peer);
  if (peer != nullptr && peer->lost_.load(std::memory_order_acquire)) {
    report(copy.op, start, false, copy.source);
    return;
  }
  // Written before the report: afterwards the block may be someone else's.
  if (options_.fail.at >= 0) scribble(copy);
  if (!admit(copy.op, start)) return;
  copy_region(copy);
  if (peer == nullptr) hold_link(in_pace_, start, region_bytes(copy));
  report(copy.op, start, true, DeviceId::Home);
}

void HostDevice::run_store(const Copy& copy) {
  const int64_t start = now_ns();
  if (!admit(copy.op, start)) return;
  copy_region(copy);
  hold_link(out_pace_, start, region_bytes(copy));
  report(copy.op, start, true, DeviceId::Home);
}

void HostDevice::run_compute(const Kernels& kernels) {
  const int64_t start = now_ns();
  if (!admit(kernels.op, start)) return;
  const tile::TaskGraph& graph = *kernels.graph;
  for (int32_t s = 0; s < kernels.count; ++s) {
    const tile::Step step = graph.step(kernels.task, kernels.first_step + s);
    hostblas::run_step(graph.call().type, on_private_block(step), kernels.a.data, kernels.a.ld,
                       kernels.b.data, kernels.b.ld, kernels.c.data, kernels.c.ld);
  }
  hold_unit(start, kernels);
  report(kernels.op, start, true, DeviceId::Home);
}

void HostDevice::hold_link(Pace& link, int64_t start_ns, int64_t bytes) const {
  if (options_.link_bytes_per_s <= 0) return;
  hold(link, start_ns, static_cast<double>(bytes) / options_.link_bytes_per_s);
}

// Its units share a device's rate; steps of a task share its operations.
void HostDevice::hold_unit(int64_t start_ns, const Kernels& kernels) {
  if (options_.operations_per_s <= 0) return;
  const tile::TaskGraph& graph = *kernels.graph;
  const double part =
      static_cast<double>(kernels.count) / static_cast<double>(graph.task(kernels.task).step_count);
  const auto units = units_.size();
  hold(unit_paces_[static_cast<size_t>(kernels.stream) % units], start_ns,
       part * graph.operations(kernels.task) * static_cast<double>(units) /
           options_.operations_per_s);
}

}  // namespace blasx::device
