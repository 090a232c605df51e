// SPDX-License-Identifier: Apache-2.0
// The way between pageable home memory and a device: tiles go through pinned buffers that several threads fill and empty. It owns
// buffers, threads and the transfers not yet over; used by the device's own thread only.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "blasx/device/copy.hpp"
#include "blasx/device/cuda/copiers.hpp"
#include "blasx/device/cuda/engine.hpp"
#include "blasx/device/cuda/lane.hpp"
#include "blasx/device/device.hpp"

namespace blasx::device::cuda {

class Staging {
 public:
  using Done = Lane::Done;
  struct Events {
    std::function<void(const Status&)> failed;             // the device is done for
    std::function<void(OpId, int64_t, int64_t)> finished;  // start and end
  };

  // The engine runs what belongs to the device's thread. Throws std::system_error without threads.
  Staging(Engine& engine, Copiers& copiers, Lane& in, Lane& out, Events events);

  // Before a call whose tiles take at most `bytes`.
  Status open(int64_t tile_bytes);

  void fetch(const Copy& copy);
  void store(const Copy& copy);

  // The device failed: nothing new is begun. What threads are doing goes on; settled() says when they are through.
  void stop();
  bool settled() const { return at_copiers_ == 0; }

 private:
  struct Fetch {
    Copy copy;
    int64_t start_ns = 0;
    int64_t next = 0;         // first column not handed out
    int64_t pieces_left = 0;  // not yet on the device
  };
  struct Store {
    Copy copy;
    int64_t start_ns = 0;
    int64_t pieces_left = 0;
    size_t slot = 0;
  };

  void feed();
  void filled(const std::shared_ptr<Fetch>& fetch, Columns columns, size_t chunk);
  void land();
  Status open_slots(int64_t tile_bytes);
  std::byte* slot(size_t i) const { return slots_.get() + static_cast<int64_t>(i) * slot_bytes_; }
  void unpack(const std::shared_ptr<Store>& store);
  void emptied(const std::shared_ptr<Store>& store);

  Engine& engine_;
  Copiers& copiers_;
  Lane& in_;
  Lane& out_;
  Events events_;
  bool stopped_ = false;
  int64_t at_copiers_ = 0;

  std::vector<PinnedMemory> chunks_;  // pieces of fetches
  std::vector<size_t> free_chunks_;
  std::deque<std::shared_ptr<Fetch>> fetches_;
  PinnedMemory slots_;  // room for a whole tile each: home is written once all of it is there
  int64_t slots_bytes_ = 0;
  std::vector<size_t> free_slots_;
  int64_t slot_bytes_ = 0;
  std::deque<std::shared_ptr<Store>> stores_;
};

}  // namespace blasx::device::cuda
