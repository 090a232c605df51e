// SPDX-License-Identifier: Apache-2.0
#include "blasx/device/cuda/staging.hpp"

#include <algorithm>
#include <utility>

#include "blasx/device/clock.hpp"
#include "blasx/device/copy.hpp"
#include "common/check.hpp"

namespace blasx::device::cuda {
namespace {

constexpr int64_t kChunkBytes = int64_t{2} << 20;
constexpr size_t kChunksOfThread = 3;  // one to fill, one on its way, one between
constexpr int64_t kLeastSlots = 2, kMostSlots = 12;
constexpr int64_t kMuch = int64_t{32} << 20;  // from here on room for the largest is pinned at once
constexpr int64_t kSlotBytes = int64_t{272} << 20;  // two of the largest tiles of doubles
constexpr int64_t kLeastPiece = int64_t{1}
                                << 20;  // below it another thread costs more than it copies

size_t as_size(int64_t n) { return static_cast<size_t>(n); }
int64_t divide_up(int64_t a, int64_t b) { return (a + b - 1) / b; }

int64_t column_bytes(const Copy& copy) { return copy.rows * copy.element_bytes; }

// Elements between columns of a pinned buffer: as on the device, where that wastes little, since the hardware copies one long piece
// faster than many rows.
constexpr int64_t kWorthOfPitch = 8;
int64_t pinned_ld(const Copy& copy, const Window& on_device) {
  return (on_device.ld - copy.rows) * kWorthOfPitch <= copy.rows ? on_device.ld : copy.rows;
}

int64_t columns_in_chunk(const Copy& copy) {
  return std::clamp<int64_t>(kChunkBytes / (pinned_ld(copy, copy.to) * copy.element_bytes), 1,
                             copy.cols);
}

// `columns` of them, between pinned memory and the device.
cudaError_t copy_columns(const Copy& copy, const Window& to, const Window& from, int64_t columns,
                         cudaMemcpyKind kind, cudaStream_t stream) {
  const int64_t width = column_bytes(copy);
  const auto pitch = [&](const Window& w) { return as_size(w.ld * copy.element_bytes); };
  if (to.ld == from.ld) {
    return cudaMemcpyAsync(to.data, from.data, pitch(to) * as_size(columns - 1) + as_size(width),
                           kind, stream);
  }
  return cudaMemcpy2DAsync(to.data, pitch(to), from.data, pitch(from), as_size(width),
                           as_size(columns), kind, stream);
}

}  // namespace

Staging::Staging(Engine& engine, Copiers& copiers, Lane& in, Lane& out, Events events)
    : engine_(engine), copiers_(copiers), in_(in), out_(out), events_(std::move(events)) {}

Status Staging::open(int64_t tile_bytes) {
  const size_t chunks = kChunksOfThread * as_size(copiers_.threads());
  while (chunks_.size() < chunks) {
    Result<PinnedMemory> memory = pinned_memory(kChunkBytes);
    if (!memory && chunks_.empty()) return memory.error();
    if (!memory) break;  // fewer are slower, not wrong
    free_chunks_.push_back(chunks_.size());
    chunks_.push_back(std::move(*memory));
  }
  if (tile_bytes == 0 || tile_bytes == slot_bytes_) return {};
  return open_slots(tile_bytes);
}

// Cuts the memory for what goes out into slots of a tile each. Pinning takes its time: once tiles are large there is enough for the
// largest.
Status Staging::open_slots(int64_t tile_bytes) {
  const int64_t slots = std::clamp(kSlotBytes / tile_bytes, kLeastSlots, kMostSlots);
  if (slots * tile_bytes > slots_bytes_) {
    slots_bytes_ = slot_bytes_ = 0;
    slots_.reset();
    int64_t bytes = slots * tile_bytes;
    if (bytes >= kMuch) bytes = std::max(bytes, kSlotBytes);
    Result<PinnedMemory> memory = pinned_memory(bytes);
    if (!memory) memory = pinned_memory(bytes = tile_bytes);  // one is slower, not wrong
    if (!memory) return memory.error();
    slots_ = std::move(*memory);
    slots_bytes_ = bytes;
  }
  slot_bytes_ = tile_bytes;
  free_slots_.clear();
  for (int64_t i = std::min(slots, slots_bytes_ / tile_bytes); i > 0; --i)
    free_slots_.push_back(as_size(i - 1));
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
    copiers_.post(Copiers::When::Soon, [this, fetch, columns, chunk, memory] {
      pack_columns(fetch->copy, columns, pinned_ld(fetch->copy, fetch->copy.to), memory);
      engine_.post([this, fetch, columns, chunk] { filled(fetch, columns, chunk); });
    });
  }
}

void Staging::filled(const std::shared_ptr<Fetch>& fetch, Columns columns, size_t chunk) {
  --at_copiers_;
  if (stopped_) return;
  const Copy& copy = fetch->copy;
  const Window from{chunks_[chunk].get(), pinned_ld(copy, copy.to)};
  const Window to{copy.to.data + columns.first * copy.to.ld * copy.element_bytes, copy.to.ld};
  Status status =
      status_of(copy_columns(copy, to, from, columns.count, cudaMemcpyHostToDevice, in_.stream()),
                "a copy to the device");
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
    const Window to{slot(store->slot), pinned_ld(copy, copy.from)};
    Status status = status_of(
        copy_columns(copy, to, copy.from, copy.cols, cudaMemcpyDeviceToHost, out_.stream()),
        "a copy to the host");
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
  std::byte* const memory = slot(store->slot);
  for (int64_t first = 0; first < copy.cols; first += share) {
    const Columns columns{first, std::min(share, copy.cols - first)};
    ++at_copiers_;
    // A device waits for what comes in; for what goes out only where it needs the room.
    const auto when = copy.urgent ? Copiers::When::Soon : Copiers::When::Later;
    copiers_.post(when, [this, store, columns, memory] {
      const int64_t ld = pinned_ld(store->copy, store->copy.from);
      unpack_columns(store->copy, columns, ld,
                     memory + columns.first * ld * store->copy.element_bytes);
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
