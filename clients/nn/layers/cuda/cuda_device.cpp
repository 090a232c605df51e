// SPDX-License-Identifier: Apache-2.0
#include "clients/nn/layers/cuda/cuda_device.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "clients/nn/error.hpp"

namespace nn::cuda {
namespace {

constexpr int64_t kBetween_bytes = int64_t{8} << 20;
constexpr int64_t kMost_elems = int64_t{1} << 30;  // cuBLAS counts with int

size_t size(int64_t number) { return static_cast<size_t>(number); }
int narrow(int64_t number) { return static_cast<int>(number); }
std::byte* bytes_at(void* place) { return static_cast<std::byte*>(place); }
const std::byte* bytes_at(const void* place) { return static_cast<const std::byte*>(place); }

std::string version(int number) { return fmt::format("{}.{}", number / 1000, number % 1000 / 10); }

void select(int number) {
  int count = 0;  // left alone by a call that fails
  const cudaError_t error = cudaGetDeviceCount(&count);
  if (error == cudaErrorInsufficientDriver) {
    int driver = 0, runtime = 0;
    (void)cudaDriverGetVersion(&driver);
    (void)cudaRuntimeGetVersion(&runtime);
    (void)cudaGetLastError();
    throw Error(driver == 0
                    ? fmt::format("device cuda:{}: no driver is loaded", number)
                    : fmt::format("device cuda:{}: the driver is for CUDA {}, older than {}",
                                  number, version(driver), version(runtime)));
  }
  if (error == cudaErrorNoDevice || (error == cudaSuccess && count == 0)) {
    (void)cudaGetLastError();
    throw Error(fmt::format("device cuda:{}: there is no GPU, or none is visible", number));
  }
  check(error, "cudaGetDeviceCount");
  if (number >= count)
    throw Error(fmt::format("device cuda:{}: GPUs here are numbered 0 to {}", number, count - 1));
  check(cudaSetDevice(number), "cudaSetDevice");
}

}  // namespace

CudaDevice::CudaDevice(int number) : number_(number) {
  select(number);
  stream_ = new_stream();
  out_ = new_stream();
  in_ = new_stream();
  cublasHandle_t blas = nullptr;
  check(cublasCreate(&blas), "cublasCreate");
  blas_.reset(blas);
  check(cublasSetStream(blas, stream()), "cublasSetStream");
  cudnnHandle_t dnn = nullptr;
  check(cudnnCreate(&dnn), "cudnnCreate");
  dnn_.reset(dnn);
  check(cudnnSetStream(dnn, stream()), "cudnnSetStream");
}

CudaDevice::~CudaDevice() {
  quiesce();
  between_.reset();
  for (const auto& [bytes, memory] : pinned_) (void)cudaFreeHost(memory);
}

void* CudaDevice::pinned(int64_t bytes) const {
  void* raw = nullptr;
  const cudaError_t error = cudaHostAlloc(&raw, size(bytes), cudaHostAllocPortable);
  if (error == cudaErrorMemoryAllocation) {
    (void)cudaGetLastError();
    throw Error(fmt::format("device cuda:{}: the system refuses {} bytes of pinned memory", number_,
                            bytes));
  }
  check(error, "cudaHostAlloc");
  return raw;
}

Memory CudaDevice::take(int64_t bytes) {
  bytes = std::max<int64_t>(bytes, 1);
  void* raw = nullptr;
  const cudaError_t error = cudaMalloc(&raw, size(bytes));
  if (error == cudaErrorMemoryAllocation) {
    size_t unused = 0, all = 0;
    (void)cudaGetLastError();
    (void)cudaMemGetInfo(&unused, &all);
    throw Error(fmt::format("device cuda:{} refuses {} bytes of memory: {} of its {} are free",
                            number_, bytes, unused, all));
  }
  check(error, "cudaMalloc");
  Memory memory(bytes_at(raw), [this](std::byte* place) {
    quiesce();
    (void)cudaFree(place);
  });
  check(cudaMemsetAsync(raw, 0, size(bytes), stream()), "cudaMemsetAsync");
  return memory;
}

// Pinning costs more than copying: what comes back is kept. Whoever gets it next lets a copy write it, which follows what was
// told before; and that is its last copy, since whoever gave it back has told the computation to wait for it.
Memory CudaDevice::take_host(int64_t bytes) {
  void* raw = nullptr;
  if (const auto kept = pinned_.find(bytes); kept != pinned_.end()) {
    raw = kept->second;
    pinned_.erase(kept);
  } else {
    raw = pinned(bytes);
  }
  return {bytes_at(raw), [this, bytes](std::byte* place) { pinned_.emplace(bytes, place); }};
}

void CudaDevice::upload(void* to, const void* from, int64_t bytes) {
  Staging& staging = stagings_[next_staging_++ % stagings_.size()];
  if (staging.emptied)
    check(cudaEventSynchronize(staging.emptied.get()), "cudaEventSynchronize");
  else
    staging.emptied = new_event();
  if (staging.bytes < bytes) {
    staging.memory = {bytes_at(pinned(bytes)), [](std::byte* place) { (void)cudaFreeHost(place); }};
    staging.bytes = bytes;
  }
  std::memcpy(staging.memory.get(), from, size(bytes));
  check(cudaMemcpyAsync(to, staging.memory.get(), size(bytes), cudaMemcpyHostToDevice, stream()),
        "cudaMemcpyAsync");
  check(cudaEventRecord(staging.emptied.get(), stream()), "cudaEventRecord");
}

void CudaDevice::download(void* to, const void* from, int64_t bytes) {
  check(cudaMemcpyAsync(to, from, size(bytes), cudaMemcpyDeviceToHost, stream()),
        "cudaMemcpyAsync");
  check(cudaStreamSynchronize(stream()), "cudaStreamSynchronize");
}

// Pieces that lie over each other go by way of memory between, from the end that nothing is written over.
void CudaDevice::copy(void* to, const void* from, int64_t bytes) {
  const auto one = [&](void* target, const void* source, int64_t count) {
    check(cudaMemcpyAsync(target, source, size(count), cudaMemcpyDeviceToDevice, stream()),
          "cudaMemcpyAsync");
  };
  const int64_t apart = std::abs(bytes_at(from) - bytes_at(std::as_const(to)));
  if (apart == 0 || bytes == 0) return;
  if (apart >= bytes) return one(to, from, bytes);
  const bool direct = apart >= kBetween_bytes;
  if (!direct && !between_) between_ = take(kBetween_bytes);
  const int64_t piece = direct ? apart : kBetween_bytes;
  const bool down = to < from;
  for (int64_t done = 0; done < bytes; done += piece) {
    const int64_t count = std::min(piece, bytes - done);
    const int64_t at = down ? done : bytes - done - count;
    if (!direct) one(between_.get(), bytes_at(from) + at, count);
    one(bytes_at(to) + at, direct ? bytes_at(from) + at : between_.get(), count);
  }
}

int64_t CudaDevice::copy_out(void* to, const void* from, int64_t bytes) {
  return begin(out_.get(), to, from, bytes, cudaMemcpyDeviceToHost);
}

int64_t CudaDevice::copy_in(void* to, const void* from, int64_t bytes) {
  return begin(in_.get(), to, from, bytes, cudaMemcpyHostToDevice);
}

int64_t CudaDevice::begin(cudaStream_t stream, void* to, const void* from, int64_t bytes,
                          cudaMemcpyKind kind) {
  Event before = event();
  check(cudaEventRecord(before.get(), stream_.get()), "cudaEventRecord");
  check(cudaStreamWaitEvent(stream, before.get(), 0), "cudaStreamWaitEvent");
  check(cudaMemcpyAsync(to, from, size(bytes), kind, stream), "cudaMemcpyAsync");
  check(cudaEventRecord(before.get(), stream), "cudaEventRecord");
  under_way_.emplace(++copies_, std::move(before));
  return copies_;
}

void CudaDevice::await(int64_t copy) {
  const auto found = under_way_.find(copy);
  if (found == under_way_.end()) return;  // waited for
  check(cudaStreamWaitEvent(stream(), found->second.get(), 0), "cudaStreamWaitEvent");
  events_.push_back(std::move(found->second));
  under_way_.erase(found);
}

Event CudaDevice::event() {
  if (events_.empty()) return new_event();
  Event last = std::move(events_.back());
  events_.pop_back();
  return last;
}

void CudaDevice::combine(float a, float* x, float b, const float* y, int64_t elems) {
  for (int64_t first = 0; first < elems; first += kMost_elems) {
    const int count = narrow(std::min(kMost_elems, elems - first));
    check(cublasSgeam(blas_.get(), CUBLAS_OP_N, CUBLAS_OP_N, count, 1, &a, x + first, count, &b,
                      b == 0 ? x + first : y + first, count, x + first, count),
          "cublasSgeam");
  }
}

void CudaDevice::finish() {
  for (const Stream* each : {&stream_, &out_, &in_})
    check(cudaStreamSynchronize(each->get()), "cudaStreamSynchronize");
}

void CudaDevice::quiesce() noexcept {
  for (const Stream* each : {&stream_, &out_, &in_}) (void)cudaStreamSynchronize(each->get());
}

// Column-major libraries see the transposes: C' = op(B)' op(A)'.
void CudaDevice::multiply(bool a_transposed, bool b_transposed, int64_t m, int64_t n, int64_t k,
                          const float* a, int64_t lda, const float* b, int64_t ldb, float beta,
                          float* c, int64_t ldc) {
  const auto op = [](bool transposed) { return transposed ? CUBLAS_OP_T : CUBLAS_OP_N; };
  check(cublasSgemm(blas_.get(), op(b_transposed), op(a_transposed), narrow(n), narrow(m),
                    narrow(k), &kOne, b, narrow(ldb), a, narrow(lda), &beta, c, narrow(ldc)),
        "cublasSgemm");
}

void CudaDevice::add(int64_t rows, int64_t columns, const float* a, int64_t lda, const float* b,
                     int64_t ldb, float* c, int64_t ldc) {
  check(cublasSgeam(blas_.get(), CUBLAS_OP_N, CUBLAS_OP_N, narrow(columns), narrow(rows), &kOne, a,
                    narrow(lda), &kOne, b, narrow(ldb), c, narrow(ldc)),
        "cublasSgeam");
}

void CudaDevice::copy_rows(void* to, int64_t to_pitch, const void* from, int64_t from_pitch,
                           int64_t width, int64_t rows) {
  check(cudaMemcpy2DAsync(to, size(to_pitch), from, size(from_pitch), size(width), size(rows),
                          cudaMemcpyDeviceToDevice, stream()),
        "cudaMemcpy2DAsync");
}

void CudaDevice::clear_rows(void* to, int64_t pitch, int64_t width, int64_t rows) {
  check(cudaMemset2DAsync(to, size(pitch), 0, size(width), size(rows), stream()),
        "cudaMemset2DAsync");
}

}  // namespace nn::cuda
