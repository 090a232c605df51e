// SPDX-License-Identifier: Apache-2.0
#include "blasx/device/sim/simulation.hpp"

#include <algorithm>
#include <limits>

#include "blasx/device/sim/flows.hpp"
#include "common/check.hpp"

namespace blasx::device::sim {
namespace {

constexpr double kOwnMemoryRate =
    1e12;  // of copies within a device, which are short beside all others

}  // namespace

Simulation::Simulation(const Machine& machine, std::vector<int32_t> devices, Noise noise,
                       std::vector<Fault> faults)
    : machine_(machine),
      devices_(std::move(devices)),
      routes_(machine),
      noise_(noise),
      random_(noise.seed),
      faults_(std::move(faults)),
      lane_bytes_(routes_.lanes().size(), 0) {
  for (const Lane& lane : routes_.lanes()) lane_rates_.push_back(lane.bytes_per_s);
  std::stable_sort(faults_.begin(), faults_.end(),
                   [](const Fault& a, const Fault& b) { return a.at_s < b.at_s; });
  for (const int32_t d : devices_) {
    const DeviceKind& kind = machine.kind_of(static_cast<size_t>(d));
    states_.push_back({queues_.size()});
    for (const int32_t servers : {kind.copies_in, kind.copies_out, kind.copies_from_peers}) {
      queues_.push_back({servers, 0, {}});
    }
    for (int32_t u = 0; u < kind.units; ++u) queues_.push_back({});
  }
}

// What makes the job impossible, Home if nothing does.
DeviceId Simulation::obstacle(const Job& job) {
  if (state(job.device).lost) return job.device;
  if (job.source != DeviceId::Home && state(job.source).lost) return job.source;
  return DeviceId::Home;
}

// The generator's own bits: distributions differ between standard libraries.
double Simulation::factor(double most) {
  if (most <= 0) return 1;
  return 1 + most * static_cast<double>(random_() >> 11) * 0x1p-53;
}

void Simulation::kernel(OpId op, DeviceId device, int32_t stream, double seconds) {
  const int32_t unit = stream % kind(device).units;
  Job job;
  job.op = op;
  job.device = device;
  job.queue = state(device).first_queue + kFirstUnit + static_cast<size_t>(unit);
  job.left = seconds * factor(noise_.kernels);
  post(job);
}

void Simulation::fetch(OpId op, DeviceId device, DeviceId source, int64_t bytes) {
  const bool peer = source != DeviceId::Home && kind(device).copies_from_peers > 0;
  Job job;
  job.op = op;
  job.device = device;
  job.source = source;
  job.queue = state(device).first_queue + (peer ? kPeer : kIn);
  job.bytes = bytes;
  job.most = source == DeviceId::Home ? kind(device).copy_in_bytes_per_s
                                      : kind(device).copy_peer_bytes_per_s;
  if (source == device)
    job.left = static_cast<double>(bytes) / kOwnMemoryRate;
  else
    job.way = &routes_.way(node(source), node(device));
  post(job);
}

void Simulation::store(OpId op, DeviceId device, int64_t bytes) {
  Job job;
  job.op = op;
  job.device = device;
  job.queue = state(device).first_queue + kOut;
  job.way = &routes_.way(node(device), 0);
  job.bytes = bytes;
  job.most = kind(device).copy_out_bytes_per_s;
  post(job);
}

void Simulation::post(Job job) {
  if (job.way != nullptr) {
    BLASX_CHECK(!job.way->links.empty());
    job.latency_s = job.way->latency_s;
    job.left = static_cast<double>(job.bytes) * factor(noise_.copies);
  }
  const DeviceId gone = obstacle(job);
  if (gone != DeviceId::Home) {
    refused_.push_back({job.op, false, gone, now_s_, now_s_});
    return;
  }
  Queue& queue = queues_[job.queue];
  queue.waiting.push_back(job);
  begin_waiting(queue);
}

void Simulation::begin_waiting(Queue& queue) {
  while (queue.busy < queue.servers && !queue.waiting.empty()) {
    active_.push_back(queue.waiting.front());
    active_.back().start_s = now_s_;
    queue.waiting.pop_front();
    ++queue.busy;
    changed_ = true;
  }
}

void Simulation::set_speeds() {
  changed_ = false;
  // Threads that are more than the cores get less than one each.
  const double wanted = static_cast<double>(active_.size());
  const double core = machine_.cores > 0 && wanted > machine_.cores ? machine_.cores / wanted : 1;
  std::vector<Flow> flows;
  std::vector<Job*> flowing;
  for (Job& job : active_) {
    if (job.way == nullptr) {
      job.speed = core / state(job.device).slow_by;
    } else if (job.latency_s <= 0) {
      flows.push_back({&job.way->links, core * job.most});
      flowing.push_back(&job);
    }
  }
  share_lanes(flows, lane_rates_);
  for (size_t i = 0; i < flows.size(); ++i) flowing[i]->speed = flows[i].rate;
}

double Simulation::time_left(const Job& job) const {
  return job.latency_s > 0 ? job.latency_s : job.left / job.speed;
}

void Simulation::pass(double seconds) {
  now_s_ += seconds;
  for (Job& job : active_) {
    if (job.latency_s > 0) {
      job.latency_s -= seconds;
      if (job.latency_s <= 0) changed_ = true;
    } else {
      job.left -= seconds * job.speed;
    }
  }
}

bool Simulation::next(std::vector<Report>& out) {
  out.clear();
  while (true) {
    if (!refused_.empty()) {
      out.swap(refused_);
      return true;
    }
    if (active_.empty()) return false;
    if (changed_) set_speeds();
    double least = std::numeric_limits<double>::infinity();
    for (const Job& job : active_) least = std::min(least, time_left(job));
    if (next_fault_ < faults_.size() && faults_[next_fault_].at_s <= now_s_ + least) {
      pass(std::max(0.0, faults_[next_fault_].at_s - now_s_));
      strike(faults_[next_fault_++]);
      continue;
    }
    // Whoever is as near its end as that ends now: rounding must leave nothing behind.
    std::vector<bool> ends;
    for (const Job& job : active_) ends.push_back(time_left(job) <= least);
    pass(least);
    std::vector<size_t> freed;
    size_t kept = 0;
    for (size_t i = 0; i < active_.size(); ++i) {
      Job& job = active_[i];
      const bool flowed = job.way == nullptr || job.speed > 0;
      if (ends[i] && flowed) {
        out.push_back({job.op, true, DeviceId::Home, job.start_s, now_s_});
        if (job.way != nullptr) {
          for (const int32_t lane : job.way->links)
            lane_bytes_[static_cast<size_t>(lane)] += job.bytes;
        }
        freed.push_back(job.queue);
        continue;
      }
      if (ends[i]) job.latency_s = 0;  // the latency is over
      if (kept != i) active_[kept] = job;
      ++kept;
    }
    active_.resize(kept);
    changed_ = true;
    for (const size_t q : freed) {
      --queues_[q].busy;
      begin_waiting(queues_[q]);
    }
    if (!out.empty()) return true;
  }
}

void Simulation::strike(const Fault& fault) {
  State& s = states_[static_cast<size_t>(fault.device)];
  changed_ = true;
  if (fault.slow_by > 0) {
    s.slow_by = fault.slow_by;
    return;
  }
  s.lost = true;
  fail_jobs();
}

void Simulation::fail_jobs() {
  const auto fails = [&](const Job& job) {
    const DeviceId gone = obstacle(job);
    if (gone == DeviceId::Home) return false;
    refused_.push_back({job.op, false, gone, job.start_s, now_s_});
    return true;
  };
  for (Queue& queue : queues_) std::erase_if(queue.waiting, fails);
  std::vector<size_t> freed;
  std::erase_if(active_, [&](const Job& job) {
    if (!fails(job)) return false;
    freed.push_back(job.queue);
    return true;
  });
  for (const size_t q : freed) {
    --queues_[q].busy;
    begin_waiting(queues_[q]);
  }
}

}  // namespace blasx::device::sim
