// SPDX-License-Identifier: Apache-2.0
#include "blasx/device/cuda/staging.hpp"

#include <algorithm>
#include <utility>

#include "blasx/device/clock.hpp"
#include "blasx/device/copy.hpp"
#include "common/check.hpp"

namespace blasx::device::cuda {
namespace {

constexpr int64_t kChunkBytes = int64_t{4} << 20;
constexpr size_t kSlots = 3;
constexpr int64_t kLeastPiece = int64_t{1}
                                << 20;  // below it another thread costs more than it copies

int64_t divide_up(int64_t a, int64_t b) { return (a + b - 1) / b; }

int64_t column_bytes(const Copy& copy) { return copy.rows * copy.element_bytes; }

int64_t columns_in_chunk(const Copy& copy) {
  return std::clamp<int64_t>(kChunkBytes / column_bytes(copy), 1, copy.cols);
}

size_t as_size(int64_t n) { return static_cast<size_t>(n); }

}  // namespace

Staging::Staging(Engine& engine, Copiers& copiers, Lane& in, Lane& out, Events events)
    : engine_(engine), copiers_(copiers), in_(in), out_(out), events_(std::move(events)) {}

Status Staging::open(int64_t tile_bytes) {
  // A chunk for each thread to fill, one to be copied, one to be waiting.
  const size_t chunks = as_size(copiers_.threads()) + 2;
  while (chunks_.size() < chunks) {
    Result<PinnedMemory> memory = pinned_memory(kChunkBytes);
    if (!memory && chunks_.empty()) return memory.error();
    if (!memory) break;  // fewer are slower, not wrong
    free_chunks_.push_back(chunks_.size());
    chunks_.push_back(std::move(*memory));
  }
  if (tile_bytes <= slot_bytes_) return {};
  slots_.clear();
  free_slots_.clear();
  slot_bytes_ = 0;
  while (slots_.size() < kSlots) {
    Result<PinnedMemory> memory = pinned_memory(tile_bytes);
    if (!memory && slots_.empty()) return memory.error();
    if (!memory) break;
    free_slots_.push_back(slots_.size());
    slots_.push_back(std::move(*memory));
  }
  slot_bytes_ = tile_bytes;
  return {};
}

void Staging::stop() {
  stopped_ = true;
  fetches_.clear();
  stores_.clear();
}

void Staging::fetch(const Copy& copy) {
  BLASX_CHECK_LE(column_bytes(copy), kChunkBytes);
  auto fetch = std::make_shared<Fetch>();
  fetch->copy = copy;
  fetch->start_ns = now_ns();
  fetch->pieces_left = divide_up(copy.cols, columns_in_chunk(copy));
  fetches_.push_back(std::move(fetch));
  feed();
}

void Staging::feed() {
  while (!stopped_ && !fetches_.empty() && !free_chunks_.empty()) {
    const std::shared_ptr<Fetch> fetch = fetches_.front();
    const Copy& copy = fetch->copy;
    const Columns columns{fetch->next, std::min(columns_in_chunk(copy), copy.cols - fetch->next)};
    fetch->next += columns.count;
    if (fetch->next == copy.cols) fetches_.pop_front();
    const size_t chunk = free_chunks_.back();
    free_chunks_.pop_back();
    std::byte* const memory = chunks_[chunk].get();
    ++at_copiers_;
    copiers_.post([this, fetch, columns, chunk, memory] {
      pack_columns(fetch->copy, columns, memory);
      engine_.post([this, fetch, columns, chunk] { filled(fetch, columns, chunk); });
    });
  }
}

void Staging::filled(const std::shared_ptr<Fetch>& fetch, Columns columns, size_t chunk) {
  --at_copiers_;
  if (stopped_) return;
  const Copy& copy = fetch->copy;
  const size_t width = as_size(column_bytes(copy));
  const int64_t pitch = copy.to.ld * copy.element_bytes;
  Status status = status_of(
      cudaMemcpy2DAsync(copy.to.data + columns.first * pitch, as_size(pitch), chunks_[chunk].get(),
                        width, width, as_size(columns.count), cudaMemcpyHostToDevice, in_.stream()),
      "cudaMemcpy2DAsync to the device");
  if (status.ok()) {
    status = in_.mark([this, fetch, chunk](int64_t, int64_t end_ns) {
      free_chunks_.push_back(chunk);
      if (--fetch->pieces_left == 0) events_.finished(fetch->copy.op, fetch->start_ns, end_ns);
      feed();
    });
  }
  if (!status.ok()) events_.failed(status);
}

void Staging::store(const Copy& copy) {
  BLASX_CHECK_LE(column_bytes(copy) * copy.cols, slot_bytes_);
  auto store = std::make_shared<Store>();
  store->copy = copy;
  stores_.push_back(std::move(store));
  land();
}

void Staging::land() {
  while (!stopped_ && !stores_.empty() && !free_slots_.empty()) {
    const std::shared_ptr<Store> store = stores_.front();
    stores_.pop_front();
    const Copy& copy = store->copy;
    store->start_ns = now_ns();
    store->slot = free_slots_.back();
    free_slots_.pop_back();
    const size_t width = as_size(column_bytes(copy));
    Status status =
        status_of(cudaMemcpy2DAsync(slots_[store->slot].get(), width, copy.from.data,
                                    as_size(copy.from.ld * copy.element_bytes), width,
                                    as_size(copy.cols), cudaMemcpyDeviceToHost, out_.stream()),
                  "cudaMemcpy2DAsync to the host");
    if (status.ok()) status = out_.mark([this, store](int64_t, int64_t) { unpack(store); });
    if (!status.ok()) return events_.failed(status);
  }
}

void Staging::unpack(const std::shared_ptr<Store>& store) {
  const Copy& copy = store->copy;
  const int64_t pieces = std::clamp<int64_t>(column_bytes(copy) * copy.cols / kLeastPiece, 1,
                                             std::min<int64_t>(copy.cols, copiers_.threads()));
  const int64_t share = divide_up(copy.cols, pieces);
  store->pieces_left = divide_up(copy.cols, share);
  std::byte* const memory = slots_[store->slot].get();
  for (int64_t first = 0; first < copy.cols; first += share) {
    const Columns columns{first, std::min(share, copy.cols - first)};
    ++at_copiers_;
    copiers_.post([this, store, columns, memory] {
      unpack_columns(store->copy, columns, memory + columns.first * column_bytes(store->copy));
      engine_.post([this, store] { emptied(store); });
    });
  }
}

void Staging::emptied(const std::shared_ptr<Store>& store) {
  --at_copiers_;
  if (--store->pieces_left > 0) return;
  free_slots_.push_back(store->slot);
  events_.finished(store->copy.op, store->start_ns, now_ns());
  land();
}

}  // namespace blasx::device::cuda
