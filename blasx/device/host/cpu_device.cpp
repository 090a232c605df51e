// SPDX-License-Identifier: Apache-2.0
#include "blasx/device/host/cpu_device.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

#include "blasx/device/clock.hpp"
#include "blasx/hostblas/kernels.hpp"

namespace blasx::device {

CpuDevice::CpuDevice(CpuDeviceOptions options) : options_(options) {
  options_.workers = std::max(1, options_.workers);
  info_.name = "cpu";
  info_.description = "the processor, on the caller's memory";
  info_.memory = schedule::Memory::Home;
  info_.compute_units = options_.workers;
}

void CpuDevice::begin_call(CompletionQueue* completions, DeviceId self, int32_t /*streams*/) {
  completions_ = completions;
  self_ = self;
}

void CpuDevice::refuse(OpId op) {
  const int64_t now = now_ns();
  completions_->push({op, false, self_, now, now});
}

void CpuDevice::fetch(const Copy& copy) { refuse(copy.op); }
void CpuDevice::store(const Copy& copy) { refuse(copy.op); }

void CpuDevice::compute(const Kernels& kernels) {
  const auto wanted = static_cast<size_t>(kernels.stream % options_.workers);
  try {
    while (workers_.size() <= wanted) add_worker();
    post(wanted, kernels);
  } catch (const std::system_error&) {  // no more threads: those there are take it, or nobody does
    if (workers_.empty()) return refuse(kernels.op);
    post(wanted % workers_.size(), kernels);
  }
}

void CpuDevice::add_worker() {
  const size_t number = workers_.size();
  {
    MutexLock lock(wake_mutex_);
    jobs_.resize(number + 1);
  }
  workers_.push_back(std::make_unique<CpuWorker>("blasx cpu", [this, number](Job& job) {
    const int64_t start = now_ns();
    began(job);
    run_at_home(job.kernels, options_.fuse_steps);
    ended(number);
    completions_->push({job.kernels.op, true, DeviceId::Home, start, now_ns()});
  }));
}

void CpuDevice::post(size_t worker, const Kernels& kernels) {
  MutexLock lock(wake_mutex_);
  const bool idle = jobs_[worker] == 0;
  const bool last = worker + 1 == static_cast<size_t>(options_.workers);
  if (idle && last && waking_ > 0) {
    workers_[worker]->post_asleep({kernels, false});
    last_asleep_ = true;
  } else {
    workers_[worker]->post({kernels, idle});
    waking_ += idle ? 1 : 0;
  }
  ++jobs_[worker];
}

void CpuDevice::began(const Job& job) {
  MutexLock lock(wake_mutex_);
  waking_ -= job.wakes ? 1 : 0;
  if (std::exchange(last_asleep_, false)) workers_.back()->wake();
}

void CpuDevice::ended(size_t worker) {
  MutexLock lock(wake_mutex_);
  --jobs_[worker];
}

void CpuDevice::run_at_home(const Kernels& kernels, bool fuse_steps) {
  const tile::TaskGraph& graph = *kernels.graph;
  const tile::TileId output = graph.task(kernels.task).output;
  const auto home = [&](tile::TileId t) {
    return t == tile::TileId::None ? Window{} : Window{graph.home(t), graph.home_ld(t)};
  };
  const Window c = home(output);
  int32_t count = 1;
  for (int32_t s = kernels.first_step; s < kernels.first_step + kernels.count; s += count) {
    count = 1;
    const tile::Step step =
        fuse_steps ? graph.fused_step(kernels.task, s, count) : graph.step(kernels.task, s);
    const Window a = home(step.a);
    const Window b = home(step.b);
    hostblas::run_step(graph.call().type, step, a.data, a.ld, b.data, b.ld, c.data, c.ld);
  }
}

}  // namespace blasx::device
