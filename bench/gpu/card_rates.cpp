// SPDX-License-Identifier: Apache-2.0
#include "bench/gpu/card_rates.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <functional>
#include <vector>

namespace blasx::bench {
namespace {

constexpr size_t kLinkBytes = size_t{256} << 20;
constexpr int kTimes = 5;

double best_seconds(const std::function<void()>& run) {
  double best = 1e300;
  for (int i = 0; i <= kTimes; ++i) {
    const auto start = std::chrono::steady_clock::now();
    run();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    if (i > 0) best = std::min(best, took.count());  // the first wakes clocks and links
  }
  return best;
}

// The functions of the runtime that are used here, and memory that goes when this does.
class Card {
 public:
  explicit Card(const OpenedLibrary& library) : library_(library) {
    need(f<decltype(cudaSetDevice)>("cudaSetDevice")(0), "cudaSetDevice");
  }
  ~Card() {
    for (void* p : device_) (void)f<decltype(cudaFree)>("cudaFree")(p);
    for (void* p : host_) (void)f<decltype(cudaFreeHost)>("cudaFreeHost")(p);
    for (cudaStream_t s : streams_) (void)f<decltype(cudaStreamDestroy)>("cudaStreamDestroy")(s);
  }
  Card(const Card&) = delete;
  Card& operator=(const Card&) = delete;

  template <typename Function>
  Function* f(const char* name) const {
    return library_.function<Function>(name);
  }
  void* device_memory(size_t bytes) {
    void* memory = nullptr;
    need(f<decltype(cudaMalloc)>("cudaMalloc")(&memory, bytes), "cudaMalloc");
    device_.push_back(memory);
    return memory;
  }
  void* pinned_memory(size_t bytes) {
    void* memory = nullptr;
    need(f<decltype(cudaHostAlloc)>("cudaHostAlloc")(&memory, bytes, cudaHostAllocPortable),
         "cudaHostAlloc");
    host_.push_back(memory);
    return memory;
  }
  cudaStream_t stream() {
    cudaStream_t made = nullptr;
    need(f<decltype(cudaStreamCreateWithFlags)>("cudaStreamCreateWithFlags")(&made,
                                                                             cudaStreamNonBlocking),
         "cudaStreamCreateWithFlags");
    streams_.push_back(made);
    return made;
  }
  void copy(void* to, const void* from, size_t bytes, cudaMemcpyKind kind, cudaStream_t s) const {
    need(f<decltype(cudaMemcpyAsync)>("cudaMemcpyAsync")(to, from, bytes, kind, s),
         "cudaMemcpyAsync");
  }
  void wait() const {
    need(f<decltype(cudaDeviceSynchronize)>("cudaDeviceSynchronize")(), "cudaDeviceSynchronize");
  }
  size_t free_bytes() const {
    size_t free = 0, total = 0;
    need(f<decltype(cudaMemGetInfo)>("cudaMemGetInfo")(&free, &total), "cudaMemGetInfo");
    return free;
  }

 private:
  const OpenedLibrary& library_;
  std::vector<void*> device_, host_;
  std::vector<cudaStream_t> streams_;
};

void measure_link(Card& card, CardRates& rates) {
  const size_t bytes = std::min(kLinkBytes, card.free_bytes() / 4);
  void *on_card = card.device_memory(bytes), *more_on_card = card.device_memory(bytes);
  void *host = card.pinned_memory(bytes), *more_host = card.pinned_memory(bytes);
  std::memset(host, 0, bytes);
  std::memset(more_host, 0, bytes);
  const cudaStream_t in = card.stream(), out = card.stream();
  const auto to_card = [&] { card.copy(on_card, host, bytes, cudaMemcpyHostToDevice, in); };
  const auto to_host = [&] {
    card.copy(more_host, more_on_card, bytes, cudaMemcpyDeviceToHost, out);
  };
  const auto rate = [&](double times, const std::function<void()>& copies) {
    return times * static_cast<double>(bytes) / best_seconds([&] {
             copies();
             card.wait();
           });
  };
  rates.to_device = rate(1, to_card);
  rates.to_host = rate(1, to_host);
  rates.both_ways = rate(2, [&] {
    to_card();
    to_host();
  });
}

// Operations per second of cuBLAS's gemm on numbers that are no zeros: those would flatter.
template <typename T, typename Gemm>
double gemm_rate(const CudaLibraries& cuda, const char* name, int n) {
  Card card(cuda.runtime);
  cublasHandle_t handle = nullptr;
  need(cuda.cublas.function<decltype(cublasCreate_v2)>("cublasCreate_v2")(&handle), "cublasCreate");
  const size_t count = static_cast<size_t>(n) * static_cast<size_t>(n), bytes = count * sizeof(T);
  std::vector<T> values(count);
  uint64_t state = 1;
  for (T& x : values) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    x = static_cast<T>(static_cast<double>(state >> 11) * 0x1p-53 - 0.5);
  }
  auto *a = static_cast<T*>(card.device_memory(bytes)),
       *c = static_cast<T*>(card.device_memory(bytes));
  card.copy(a, values.data(), bytes, cudaMemcpyHostToDevice, nullptr);
  card.wait();
  const T one = 1, zero = 0;
  auto* gemm = cuda.cublas.function<Gemm>(name);
  const double seconds = best_seconds([&] {
    need(gemm(handle, CUBLAS_OP_N, CUBLAS_OP_T, n, n, n, &one, a, n, a, n, &zero, c, n), name);
    card.wait();
  });
  (void)cuda.cublas.function<decltype(cublasDestroy_v2)>("cublasDestroy_v2")(handle);
  return 2.0 * n * n * n / seconds;
}

}  // namespace

CardRates measure_card(const CudaLibraries& cuda, int in_core) {
  CardRates rates;
  {
    Card card(cuda.runtime);
    // Only the name is where it was in every toolkit; the rest of the buffer is room for the longest.
    union {
      cudaDeviceProp properties;
      char room[4096];
    } text{};
    need(card.f<decltype(cudaGetDeviceProperties)>("cudaGetDeviceProperties")(&text.properties, 0),
         "cudaGetDeviceProperties");
    rates.card = text.properties.name;
    (void)card.f<decltype(cudaDriverGetVersion)>("cudaDriverGetVersion")(&rates.driver);
    (void)card.f<decltype(cudaRuntimeGetVersion)>("cudaRuntimeGetVersion")(&rates.runtime);
    measure_link(card, rates);
  }
  rates.double_operations =
      gemm_rate<double, decltype(cublasDgemm_v2)>(cuda, "cublasDgemm_v2", in_core);
  rates.single_operations =
      gemm_rate<float, decltype(cublasSgemm_v2)>(cuda, "cublasSgemm_v2", in_core);
  return rates;
}

}  // namespace blasx::bench
