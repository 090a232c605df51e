// SPDX-License-Identifier: Apache-2.0
#include "blasx/device/cuda/cuda_device.hpp"

#include <algorithm>
#include <utility>

#include "blasx/topology/limits.hpp"

namespace blasx::device::cuda {
namespace {

// Of the memory that is free: the rest is for what the driver, cuBLAS and the program still allocate.
constexpr double kMemoryShare = 0.85;
// Between memories of one GPU, and between GPUs that reach each other.
constexpr double kSameGpuRate = 500e9;
constexpr double kPeerRate = 100e9;

std::vector<int32_t> cpus_near(int32_t gpu) {
  char id[32] = {};
  if (cudaDeviceGetPCIBusId(id, sizeof id, gpu) != cudaSuccess) {
    (void)cudaGetLastError();
    return {};
  }
  return topology::cpus_near_pci(id, topology::read_system_file);
}

}  // namespace

CudaDevice::CudaDevice(const ModuleDeviceOptions& options)
    : gpu_(options.number), cpus_(cpus_near(options.number)) {
  info_.name = options.name;
  info_.memory = schedule::Memory::Arena;
  copiers_ = std::make_unique<Copiers>(info_.name, options.copy_threads, cpus_);
  info_.copy_threads = copiers_->threads() + 1;
  info_.link_rate = -1;
  engine_ = std::make_unique<Engine>(
      info_.name, cpus_, [this] { return work_ != nullptr ? work_->poll() : Engine::State::Idle; });
}

CudaDevice::~CudaDevice() {
  engine_->run([this] { work_.reset(); });
}

Result<std::unique_ptr<Device>> CudaDevice::make(const ModuleDeviceOptions& options) {
  std::unique_ptr<CudaDevice> device(new CudaDevice(options));
  Status status;
  device->engine_->run([&] {
    status = device->describe(options.sharers);
    device->work_ = std::make_unique<Work>(*device->engine_, *device->copiers_, options.number,
                                           options.streams);
  });
  if (!status.ok()) return failure(std::move(status));
  return device;
}

Status CudaDevice::describe(int32_t sharers) {
  Status status = status_of(cudaSetDevice(gpu_), "cudaSetDevice");
  cudaDeviceProp properties{};
  if (status.ok())
    status = status_of(cudaGetDeviceProperties(&properties, gpu_), "cudaGetDeviceProperties");
  size_t free = 0, total = 0;
  if (status.ok()) status = status_of(cudaMemGetInfo(&free, &total), "cudaMemGetInfo");
  // Of the properties only the name is where it was in every toolkit.
  if (status.ok()) {
    status = status_of(
        cudaDeviceGetAttribute(&info_.compute_units, cudaDevAttrMultiProcessorCount, gpu_),
        "cudaDeviceGetAttribute");
  }
  info_.description = properties.name;
  info_.memory_bytes =
      static_cast<int64_t>(static_cast<double>(free) * kMemoryShare / std::max(1, sharers));
  return status;
}

Result<int64_t> CudaDevice::open_arena(int64_t bytes) {
  Result<int64_t> got = 0;
  engine_->run([&] { got = work_->open_arena(bytes); });
  if (got) info_.link_rate = work_->rates().staged;
  return got;
}

double CudaDevice::peer_rate(const Device& from) const {
  const auto* peer = dynamic_cast<const CudaDevice*>(&from);
  if (peer == nullptr) return 0;
  if (peer->gpu_ == gpu_) return kSameGpuRate;
  int reached = 0;
  // On the caller's thread: no error is left there for its program to find.
  if (cudaDeviceCanAccessPeer(&reached, gpu_, peer->gpu_) != cudaSuccess) {
    (void)cudaGetLastError();
    return 0;
  }
  return reached != 0 ? kPeerRate : 0;
}

void CudaDevice::fetch(const Copy& copy) {
  const auto* peer = static_cast<const CudaDevice*>(copy.peer);
  const Work* peers_work = peer != nullptr ? peer->work_.get() : nullptr;
  engine_->post([this, copy, peers_work] { work_->fetch(copy, peers_work); });
}

void CudaDevice::store(const Copy& copy) {
  engine_->post([this, copy] { work_->store(copy); });
}

void CudaDevice::compute(const Kernels& kernels) {
  engine_->post([this, kernels] { work_->compute(kernels); });
}

void CudaDevice::begin_call(CompletionQueue* completions, DeviceId self, int32_t /*streams*/) {
  engine_->post([this, completions, self] { work_->begin_call(completions, self); });
}

bool CudaDevice::only_here(const BlasCall& call) {
  bool found = false;
  engine_->run([&] { found = HomeMemory::any_on_device(call); });
  return found;
}

void CudaDevice::open_matrices(const tile::TaskGraph& graph) {
  engine_->post([this, call = graph.call(), bytes = graph.output_bytes()] {
    work_->open_matrices(call, bytes);
  });
}

void CudaDevice::close_matrices() {
  engine_->run([this] { work_->close_matrices(); });
}

}  // namespace blasx::device::cuda
