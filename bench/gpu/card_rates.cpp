// SPDX-License-Identifier: Apache-2.0
#include "bench/gpu/card_rates.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <functional>
#include <vector>

#include "bench/gpu/cublas_call.hpp"
#include "bench/statistics.hpp"

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

template <typename T>
struct InCore;
#define BLASX_IN_CORE(T, X)                             \
  template <>                                           \
  struct InCore<T> {                                    \
    static constexpr const char* kPrefix = "cublas" #X; \
    using Gemm = decltype(cublas##X##gemm_v2);          \
    using Symm = decltype(cublas##X##symm_v2);          \
    using Syrk = decltype(cublas##X##syrk_v2);          \
    using Syr2k = decltype(cublas##X##syr2k_v2);        \
    using Trmm = decltype(cublas##X##trmm_v2);          \
    using Trsm = decltype(cublas##X##trsm_v2);          \
  }
BLASX_IN_CORE(float, S);
BLASX_IN_CORE(double, D);
#undef BLASX_IN_CORE

// cuBLAS on n x n matrices in the card's memory: numbers that are no zeros, those would flatter, with a dominant diagonal, so that
// no solve grows.
template <typename T>
class CublasInCore {
 public:
  CublasInCore(const CudaLibraries& cuda, int n) : cuda_(cuda), card_(cuda.runtime), n_(n) {
    while (4.0 * n_ * n_ * sizeof(T) > static_cast<double>(card_.free_bytes())) n_ /= 2;
    const auto edge = static_cast<size_t>(n_);
    bytes_ = edge * edge * sizeof(T);
    std::vector<T> values(edge * edge);
    uint64_t state = 1;
    for (T& x : values) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      x = static_cast<T>(static_cast<double>(state >> 11) * 0x1p-53 - 0.5);
    }
    for (T** matrix : {&a_, &b_, &c_}) *matrix = static_cast<T*>(card_.device_memory(bytes_));
    card_.copy(b_, values.data(), bytes_, cudaMemcpyHostToDevice, nullptr);
    card_.wait();
    for (size_t i = 0; i < edge; ++i) values[i * (edge + 1)] += static_cast<T>(n_);
    card_.copy(a_, values.data(), bytes_, cudaMemcpyHostToDevice, nullptr);
    card_.wait();
    need(cuda_.cublas.function<decltype(cublasCreate_v2)>("cublasCreate_v2")(&handle_),
         "cublasCreate");
  }
  ~CublasInCore() {
    (void)cuda_.cublas.function<decltype(cublasDestroy_v2)>("cublasDestroy_v2")(handle_);
  }
  CublasInCore(const CublasInCore&) = delete;
  CublasInCore& operator=(const CublasInCore&) = delete;

  // Operations a second, after some tenths of a second at full power: many cards have to slow down then.
  double rate(Family family) {
    constexpr double kLong_s = 0.5;
    constexpr size_t kLeast = 5;
    std::vector<double> seconds;
    double all = 0;
    while (all < kLong_s || seconds.size() < kLeast) {
      if (family == Family::Trsm) card_.copy(c_, b_, bytes_, cudaMemcpyDeviceToDevice, nullptr);
      card_.wait();
      const auto start = std::chrono::steady_clock::now();
      run(family);
      card_.wait();
      const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
      seconds.push_back(took.count());
      all += took.count();
    }
    const auto half = seconds.begin() + static_cast<std::ptrdiff_t>(seconds.size() / 2);
    return operation_count(family, n_) / median({half, seconds.end()});
  }

 private:
  void run(Family family) {
    using X = InCore<T>;
    const std::string name = std::string(X::kPrefix) + name_of(family) + "_v2";
    need(call_cublas<X, T>(cuda_.cublas, name, family, handle_, n_, a_, b_, b_, c_), name.c_str());
  }

  const CudaLibraries& cuda_;
  Card card_;
  int n_;
  size_t bytes_ = 0;
  T *a_ = nullptr, *b_ = nullptr, *c_ = nullptr;
  cublasHandle_t handle_ = nullptr;
};

template <typename T>
void measure_in_core(const CudaLibraries& cuda, int n, std::span<const Family> families,
                     CardRates& rates) {
  CublasInCore<T> cublas(cuda, n);
  for (const Family family : families) rates.in_core[routine_name<T>(family)] = cublas.rate(family);
}

}  // namespace

CardRates measure_card(const CudaLibraries& cuda, int in_core, std::span<const Family> families) {
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
  measure_in_core<double>(cuda, in_core, families, rates);
  measure_in_core<float>(cuda, in_core, families, rates);
  return rates;
}

}  // namespace blasx::bench
