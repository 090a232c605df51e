// SPDX-License-Identifier: Apache-2.0
// Where the matrices of a call are: pages that have to be staged, memory that the GPU reaches itself, or memory of a GPU. It owns
// the registrations it makes for a call, and never takes back anyone else's. The device's own thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "blasx/tile/call.hpp"

namespace blasx::device::cuda {

enum class Place : uint8_t {
  Pageable,
  Pinned,  // pinned, registered or managed: copies need no buffer
  Device,  // results stay there
};

struct Spot {
  Place place = Place::Pageable;
  int32_t gpu = -1;  // of Place::Device
};

// What decides whether registering a matrix for one call is worth its price.
struct HomeRates {
  double staged = 0;  // bytes/s through pinned buffers
  double link = 0;    // bytes/s without
};

// Registering and taking it back cost about this many seconds a byte.
inline constexpr double kRegister_s = 0.12e-9;
inline constexpr int64_t kLeastRegistered = int64_t{64} << 20;

// `passes`: how often each byte of the matrix will go over the link.
bool worth_registering(int64_t bytes, double passes, const HomeRates& rates);

// How often the inputs of the call go over the link at least, where the device holds `memory_bytes`.
double least_passes(const BlasCall& call, int64_t memory_bytes);

class HomeMemory {
 public:
  ~HomeMemory() { close(); }
  HomeMemory() = default;
  HomeMemory(const HomeMemory&) = delete;
  HomeMemory& operator=(const HomeMemory&) = delete;

  static bool any_on_device(const BlasCall& call);

  void open(const BlasCall& call, int64_t memory_bytes, const HomeRates& rates);
  void close();

  // Of an address within a matrix of the open call.
  Spot spot(const std::byte* p) const;

 private:
  struct Range {
    std::byte* first = nullptr;
    int64_t bytes = 0;
    Spot spot;
    bool ours = false;
  };
  std::vector<Range> ranges_;
};

}  // namespace blasx::device::cuda
