// SPDX-License-Identifier: Apache-2.0
// The devices of a machine under a virtual clock: kernels and copies take the time that the machine says, nothing is computed
// or copied. It owns the clock, the queues and the operations under way; one driver calls it.
//
// A device has one FIFO a unit for kernels and FIFOs for copies in, out and from peers, as HostDevice has. Copies that are
// under way share the lanes they pass.
#pragma once

#include <cstdint>
#include <deque>
#include <random>
#include <vector>

#include "blasx/device/sim/machine.hpp"
#include "blasx/device/sim/routes.hpp"
#include "blasx/schedule/protocol.hpp"

namespace blasx::device::sim {

using schedule::DeviceId;
using schedule::OpId;

// Each operation takes up to this part longer, drawn from the seed.
struct Noise {
  uint64_t seed = 1;
  double copies = 0;
  double kernels = 0;
};

struct Fault {
  int32_t device = 0;
  double at_s = 0;
  double slow_by = 0;  // its kernels take so many times as long from then on; 0: it is lost
};

struct Report {
  OpId op = OpId::None;
  bool ok = true;
  DeviceId lost = DeviceId::Home;
  double start_s = 0, end_s = 0;
};

class Simulation {
 public:
  // `devices`: those of the machine that take part, in the order of their DeviceIds; faults name devices by DeviceId.
  // The machine must outlive it.
  Simulation(const Machine& machine, std::vector<int32_t> devices, Noise noise,
             std::vector<Fault> faults);

  void kernel(OpId op, DeviceId device, int32_t stream, double seconds);
  void fetch(OpId op, DeviceId device, DeviceId source, int64_t bytes);
  void store(OpId op, DeviceId device, int64_t bytes);

  // Moves the clock to the next moment at which operations end, and takes what ended. False if nothing is under way.
  bool next(std::vector<Report>& out);

  double now_s() const { return now_s_; }
  const Routes& routes() const { return routes_; }
  // What each lane carried, copies that succeeded only.
  const std::vector<int64_t>& lane_bytes() const { return lane_bytes_; }

 private:
  struct Job {
    OpId op = OpId::None;
    DeviceId device{};
    DeviceId source = DeviceId::Home;  // of a fetch
    size_t queue = 0;
    const Way* way = nullptr;  // null for a kernel
    int64_t bytes = 0;
    double most = 0;       // bytes/s of a copy with a core of its own; 0: no limit
    double latency_s = 0;  // left before a copy flows
    double left = 0;       // seconds of a kernel at full speed, bytes of a copy
    double speed = 0;
    double start_s = 0;
  };
  struct Queue {
    int32_t servers = 1;
    int32_t busy = 0;
    std::deque<Job> waiting;
  };
  struct State {
    size_t first_queue = 0;
    bool lost = false;
    double slow_by = 1;
  };
  enum Copies : size_t { kIn, kOut, kPeer, kFirstUnit };

  const DeviceKind& kind(DeviceId d) const {
    return machine_.kind_of(static_cast<size_t>(devices_[static_cast<size_t>(index(d))]));
  }
  State& state(DeviceId d) { return states_[static_cast<size_t>(index(d))]; }
  size_t node(DeviceId d) const {
    return d == DeviceId::Home ? 0
                               : static_cast<size_t>(devices_[static_cast<size_t>(index(d))]) + 1;
  }
  DeviceId obstacle(const Job& job);
  double factor(double most);
  void post(Job job);
  void begin_waiting(Queue& queue);
  void set_speeds();
  double time_left(const Job& job) const;
  void pass(double seconds);
  void strike(const Fault& fault);
  void fail_jobs();

  const Machine& machine_;
  std::vector<int32_t> devices_;
  Routes routes_;
  Noise noise_;
  std::mt19937_64 random_;
  std::vector<Fault> faults_;  // by time; those to come
  size_t next_fault_ = 0;
  std::vector<double> lane_rates_;
  std::vector<int64_t> lane_bytes_;
  std::vector<State> states_;
  std::vector<Queue> queues_;
  std::vector<Job> active_;
  std::vector<Report> refused_;  // reported at the next moment, which is now
  double now_s_ = 0;
  bool changed_ = true;  // the speeds no longer hold
};

}  // namespace blasx::device::sim
