// SPDX-License-Identifier: Apache-2.0
#include "blasx/device/host/cpu_device.hpp"

#include <algorithm>
#include <system_error>

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
    while (workers_.size() <= wanted) {
      workers_.push_back(std::make_unique<Worker<Kernels>>("blasx cpu", [this](Kernels& k) {
        const int64_t start = now_ns();
        run_at_home(k, options_.fuse_steps);
        completions_->push({k.op, true, DeviceId::Home, start, now_ns()});
      }));
    }
    workers_[wanted]->post(kernels);
  } catch (const std::system_error&) {  // no more threads: those there are take it, or nobody does
    if (workers_.empty()) return refuse(kernels.op);
    workers_[wanted % workers_.size()]->post(kernels);
  }
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
