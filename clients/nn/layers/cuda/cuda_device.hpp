// SPDX-License-Identifier: Apache-2.0
// A GPU as a Device. It owns three streams: the computation's, one for copies to the host and one for copies back; events between
// them; and the handles of cuBLAS and cuDNN, which work in the first. One thread, which has this GPU as its current one.
#pragma once

#include <array>
#include <map>
#include <vector>

#include "clients/nn/device/device.hpp"
#include "clients/nn/layers/cuda/handles.hpp"

namespace nn::cuda {

class CudaDevice : public Device {
 public:
  // Throws Error where there is no such GPU, or its libraries refuse it.
  explicit CudaDevice(int number);
  ~CudaDevice() override;
  CudaDevice(const CudaDevice&) = delete;
  CudaDevice& operator=(const CudaDevice&) = delete;

  bool on_host() const override { return false; }
  Memory take(int64_t bytes) override;
  Memory take_host(int64_t bytes) override;
  void upload(void* to, const void* from, int64_t bytes) override;
  void download(void* to, const void* from, int64_t bytes) override;
  void copy(void* to, const void* from, int64_t bytes) override;
  int64_t copy_out(void* to, const void* from, int64_t bytes) override;
  int64_t copy_in(void* to, const void* from, int64_t bytes) override;
  void await(int64_t copy) override;
  void combine(float a, float* x, float b, const float* y, int64_t elems) override;
  void finish() override;
  void quiesce() noexcept override;

  cudnnHandle_t dnn() const { return dnn_.get(); }
  cudaStream_t stream() const { return stream_.get(); }

  // Of row-major matrices, as cblas_sgemm with alpha = 1: C (m x n) = op(A) op(B) + beta C.
  void multiply(bool a_transposed, bool b_transposed, int64_t m, int64_t n, int64_t k,
                const float* a, int64_t lda, const float* b, int64_t ldb, float beta, float* c,
                int64_t ldc);
  // C = A + B, rows x columns, whose rows lie so far apart; C may be one of them.
  void add(int64_t rows, int64_t columns, const float* a, int64_t lda, const float* b, int64_t ldb,
           float* c, int64_t ldc);
  // Rows of so many bytes, so far apart.
  void copy_rows(void* to, int64_t to_pitch, const void* from, int64_t from_pitch, int64_t width,
                 int64_t rows);
  void clear_rows(void* to, int64_t pitch, int64_t width, int64_t rows);

 private:
  // A piece of pinned memory that an upload goes through.
  struct Staging {
    Memory memory;
    int64_t bytes = 0;
    Event emptied;
  };

  void* pinned(int64_t bytes) const;
  int64_t begin(cudaStream_t stream, void* to, const void* from, int64_t bytes,
                cudaMemcpyKind kind);
  Event event();

  int number_;
  Stream stream_, out_, in_;
  Blas blas_;
  Dnn dnn_;
  std::multimap<int64_t, std::byte*> pinned_;  // by bytes: what take_host gave and got back
  std::array<Staging, 4> stagings_;
  size_t next_staging_ = 0;
  Memory between_;                      // for copies onto themselves
  std::map<int64_t, Event> under_way_;  // copies that the computation has not waited for
  std::vector<Event> events_;           // to use again
  int64_t copies_ = 0;
};

}  // namespace nn::cuda
