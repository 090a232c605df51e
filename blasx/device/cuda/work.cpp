// SPDX-License-Identifier: Apache-2.0
#include "blasx/device/cuda/work.hpp"

#include <algorithm>
#include <utility>

#include "blasx/device/clock.hpp"
#include "blasx/device/cuda/kernels.hpp"
#include "blasx/device/cuda/measure.hpp"

namespace blasx::device::cuda {
namespace {

// What cuBLAS asks for on cards from Hopper on, but not more than this part of the memory for all streams together. Less makes some
// kernels slower; with less than 16 KiB some are refused.
constexpr int64_t kWorkspaceBytes = int64_t{32} << 20;
constexpr int64_t kWorkspacePart = 16;
constexpr int64_t kWorkspaceUnit = 256;
constexpr int64_t kLeastWorkspace = int64_t{16} << 10;

// A library of another major version may take other arguments under the same names.
Status known_version(cublasHandle_t handle) {
  int version = 0;
  if (Status status = status_of(cublasGetVersion(handle, &version), "cublasGetVersion");
      !status.ok())
    return status;
  if (version / 10000 == CUBLAS_VER_MAJOR) return {};
  return Status(StatusCode::Unsupported, "cuBLAS " + std::to_string(version / 10000) +
                                             " is there, this build is for " +
                                             std::to_string(CUBLAS_VER_MAJOR));
}

int64_t key(OpId op) { return static_cast<int64_t>(op); }

}  // namespace

Work::Work(Engine& engine, Copiers& copiers, int32_t gpu, int32_t streams)
    : engine_(engine), copiers_(copiers), gpu_(gpu), stream_count_(streams) {}

Result<Work::Unit> Work::open_unit(int64_t workspace_bytes) {
  Unit unit;
  Result<Lane> lane = Lane::open();
  if (!lane) return failure(lane.error());
  unit.lane = std::move(*lane);
  Result<Handle> handle = new_handle();
  if (!handle) return failure(handle.error());
  unit.handle = std::move(*handle);
  if (Status known = known_version(unit.handle.get()); !known.ok())
    return failure(std::move(known));
  Status status =
      status_of(cublasSetStream(unit.handle.get(), unit.lane.stream()), "cublasSetStream");
  if (!status.ok()) return failure(std::move(status));
  Result<DeviceMemory> workspace = device_memory(workspace_bytes);
  if (!workspace) return failure(workspace.error());
  unit.workspace = std::move(*workspace);
  status = status_of(cublasSetWorkspace(unit.handle.get(), unit.workspace.get(),
                                        static_cast<size_t>(workspace_bytes)),
                     "cublasSetWorkspace");
  if (!status.ok()) return failure(std::move(status));
  return unit;
}

Status Work::open() {
  for (Lane* lane : {&in_, &out_, &between_}) {
    Result<Lane> fresh = Lane::open();
    if (!fresh) return fresh.error();
    *lane = std::move(*fresh);
  }
  if (Status status = status_of(cudaDeviceGetAttribute(&most_pitch_, cudaDevAttrMaxPitch, gpu_),
                                "cudaDeviceGetAttribute");
      !status.ok())
    return status;
  size_t free = 0, total = 0;
  if (Status status = status_of(cudaMemGetInfo(&free, &total), "cudaMemGetInfo"); !status.ok())
    return status;
  const int64_t share = static_cast<int64_t>(free) / kWorkspacePart / stream_count_;
  const int64_t workspace =
      std::clamp(share / kWorkspaceUnit * kWorkspaceUnit, kLeastWorkspace, kWorkspaceBytes);
  while (units_.size() < static_cast<size_t>(stream_count_)) {
    Result<Unit> unit = open_unit(workspace);
    if (!unit) return unit.error();
    units_.push_back(std::move(*unit));
  }
  Result<DeviceMemory> zeros = device_memory(kZeroBytes);
  if (!zeros) return zeros.error();
  zeros_ = std::move(*zeros);
  if (Status status = write_zeros(units_[0].handle.get(), zeros_.get()); !status.ok())
    return status;
  if (Status status = status_of(cudaStreamSynchronize(units_[0].lane.stream()), "the first kernel");
      !status.ok())
    return status;
  staging_ = std::make_unique<Staging>(
      engine_, copiers_, in_, out_,
      Staging::Events{
          [this](const Status& why) { fail(why); },
          [this](OpId op, int64_t start_ns, int64_t end_ns) { answer(op, start_ns, end_ns); }});
  return staging_->open(0);
}

Result<int64_t> Work::open_arena(int64_t bytes) {
  if (arena_ != nullptr) return arena_bytes_;
  if (staging_ == nullptr) {
    if (Status status = open(); !status.ok()) {
      // The next try begins anew.
      abandon_lanes();
      staging_.reset();
      units_.clear();
      zeros_.reset();
      return failure(std::move(status));
    }
  }
  Result<DeviceMemory> memory = device_memory(bytes);
  if (!memory) return failure(memory.error());
  const Result<HomeRates> rates = measure_home(in_, copiers_, memory->get(), bytes);
  if (!rates) return failure(rates.error());
  rates_ = *rates;
  for (const Type type : {Type::S, Type::D, Type::C, Type::Z}) {
    const Result<double> rate =
        measure_kernel(units_[0].lane, units_[0].handle.get(), type, memory->get(), bytes);
    if (!rate) return failure(rate.error());
    kernel_rates_[static_cast<size_t>(type)] = *rate;
  }
  arena_ = std::move(*memory);
  arena_bytes_ = bytes;
  return bytes;
}

void Work::begin_call(CompletionQueue* completions, DeviceId self) {
  completions_ = completions;
  self_ = self;
}

void Work::open_matrices(const BlasCall& call, int64_t output_bytes) {
  if (failing_) return;
  home_.open(call, arena_bytes_, rates_);
  if (Status status = staging_->open(output_bytes); !status.ok()) fail(status);
}

void Work::compute(const Kernels& kernels) {
  open_ops_.insert(key(kernels.op));
  if (failing_) return settle();
  Unit& unit = units_[static_cast<size_t>(kernels.stream) % units_.size()];
  const tile::TaskGraph& graph = *kernels.graph;
  for (int32_t s = 0; s < kernels.count; ++s) {
    const tile::Step step = graph.step(kernels.task, kernels.first_step + s);
    const Status status = run_step(unit.handle.get(), graph.call().type, step, kernels.a, kernels.b,
                                   kernels.c, zeros_.get());
    if (!status.ok()) return fail(status);
  }
  if (const Status status = mark(unit.lane, kernels.op); !status.ok()) fail(status);
}

Status Work::mark(Lane& lane, OpId op) {
  return lane.mark([this, op](int64_t start_ns, int64_t end_ns) { answer(op, start_ns, end_ns); });
}

Engine::State Work::poll() {
  if (failing_) {
    settle();
    return Engine::State::Idle;
  }
  int answered = 0;
  bool busy = false;
  const auto look = [&](Lane& lane) {
    if (failing_ || !lane.busy()) return;
    if (const Status status = lane.poll(answered); !status.ok()) return fail(status);
    busy = busy || lane.busy();
  };
  look(in_);
  look(out_);
  look(between_);
  for (Unit& unit : units_) look(unit.lane);
  if (answered > 0) return Engine::State::Progress;
  return busy && !failing_ ? Engine::State::Waiting : Engine::State::Idle;
}

void Work::answer(OpId op, int64_t start_ns, int64_t end_ns) {
  open_ops_.erase(key(op));
  completions_->push({op, true, DeviceId::Home, start_ns, end_ns});
}

void Work::answer_lost(OpId op, DeviceId lost) {
  open_ops_.erase(key(op));
  const int64_t now = now_ns();
  completions_->push({op, false, lost, now, now});
}

// Nothing of the device may touch home memory once its operations are answered: the call goes on without it, or ends.
void Work::fail(const Status& why) {
  if (std::exchange(failing_, true)) return;
  {
    MutexLock lock(trouble_mutex_);
    trouble_ = why.message();
  }
  staging_->stop();
  abandon_lanes();
  settle();
}

// Waits for what is under way: memory that it uses may be given back after this.
void Work::abandon_lanes() {
  for (Lane* lane : {&in_, &out_, &between_}) lane->abandon();
  for (Unit& unit : units_) unit.lane.abandon();
}

void Work::settle() {
  if (!staging_->settled()) return;  // its threads report, and this is asked again
  lost_.store(true, std::memory_order_release);
  const std::vector<int64_t> left(open_ops_.begin(), open_ops_.end());
  for (const int64_t op : left) answer_lost(OpId{op}, self_);
}

std::string Work::trouble() const {
  MutexLock lock(trouble_mutex_);
  return trouble_;
}

}  // namespace blasx::device::cuda
