// SPDX-License-Identifier: Apache-2.0
#include "blasx/offload/offload.hpp"

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

#include "blasx/offload/process.hpp"
#include "blasx/runtime/runtime.hpp"
#include "blasx/trace/record.hpp"
#include "common/log.hpp"

namespace blasx::offload {

constinit Gate g_gate;

namespace {

const char* choice_name(Where where) {
  constexpr const char* kNames[kWhereCount] = {"host", "cpu", "devices"};
  return kNames[static_cast<int>(where)];
}

trace::CallRecord record_of(const BlasCall& call, const Decision& decision) {
  trace::CallRecord record;
  record.call = call;
  record.start_ns = decision.start_ns;
  record.end_ns = trace::now_ns();
  record.place = decision.where == Where::Host  ? trace::Place::Host
                 : decision.where == Where::Cpu ? trace::Place::CpuTiles
                                                : trace::Place::Devices;
  record.chosen = choice_name(decision.where);
  for (int w = 0; w < kWhereCount; ++w) {
    const double seconds = decision.prediction.seconds[w];
    if (seconds > 0) record.choices.push_back({choice_name(static_cast<Where>(w)), seconds * 1e9});
  }
  record.reasons.push_back(decision.reason);
  return record;
}

trace::Traffic traffic_of(const schedule::Traffic& t) {
  trace::Traffic traffic;
  traffic.home_to_device_bytes = t.home_to_device_bytes;
  traffic.device_to_device_bytes = t.device_to_device_bytes;
  traffic.device_to_home_bytes = t.device_to_home_bytes;
  traffic.level1_hits = t.level1_hits;
  traffic.level2_hits = t.level2_hits;
  traffic.misses = t.misses;
  return traffic;
}

// Whether all of the call was computed in devices' own memories; what is computed at home need not move.
bool everything_moved(const runtime::CallReport& report) {
  return report.finished_here == 0 &&
         std::ranges::none_of(report.shares, [](const runtime::DeviceShare& share) {
           return share.at_home && share.tasks > 0;
         });
}

void record_tiles(const BlasCall& call, const Decision& decision,
                  const runtime::CallReport& report) {
  trace::CallRecord record = record_of(call, decision);
  record.tile = std::max(report.shape.m, report.shape.n);
  record.traffic = traffic_of(report.traffic);
  for (const runtime::LinkUse& link : report.links)
    record.links.push_back({link.from, link.to, link.bytes});
  if (everything_moved(report)) record.lower_bound_bytes = least_bytes(call, report.memory_bytes);
  trace::record_call(record);
}

Reason reason_of(StatusCode code) {
  switch (code) {
    case StatusCode::DeviceLost:
      return Reason::DeviceLost;
    case StatusCode::OutOfMemory:
      return Reason::ArenaTooSmall;
    case StatusCode::Internal:
      return Reason::InternalFallback;
    default:
      return Reason::NoDevices;
  }
}

void give_to_host(Decision& decision, Reason reason) {
  decision.where = Where::Host;
  decision.reason = reason;
}

double seconds_since(int64_t start_ns) {
  return static_cast<double>(trace::now_ns() - start_ns) * 1e-9;
}

// How long the devices are expected to be busy with another call.
double waiting_time() {
  const int64_t until = runtime::process_runtime().busy_until_ns();
  if (until == 0) return 0;
  return std::max<double>(1e-6, static_cast<double>(until - trace::now_ns()) * 1e-9);
}

constinit std::atomic<bool> g_runtime_used{false};

}  // namespace

Decision decide(const BlasCall& call, hostblas::Face face) noexcept {
  Decision decision;
  try {
    const int64_t start_ns = trace::now_ns();
    hostblas::resolve(face);
    const Process& process = Process::get();
    Situation situation = process.situation(call.routine, call.type, hostblas::inside());
    if (g_runtime_used.load(std::memory_order_relaxed) && !situation.forked && !situation.nested &&
        !situation.exiting) {
      if (situation.machine.devices > 0)
        situation.machine.devices = runtime::process_runtime().device_count();
      situation.wait_seconds = waiting_time();
    }
    const Choice choice = choose(call, situation);
    if (const double lost = lost_to_opening(choice, situation); lost > 0)
      Process::get().missed(lost);
    decision.where = choice.where;
    decision.reason = choice.reason;
    decision.prediction = choice.prediction;
    // What the library or the host BLAS calls by name is part of a call that is recorded already.
    if (!situation.nested) decision.start_ns = start_ns;
  } catch (const std::exception& error) {
    give_to_host(decision, Reason::InternalFallback);
    BLASX_WARN_ONCE(message_text(Message::InternalFallback, {error.what()}));
  }
  return decision;
}

bool run_tiles(const BlasCall& call, Decision& decision) noexcept {
  if (decision.where == Where::Host) return false;
  try {
    const InsideGuard inside;
    g_runtime_used.store(true, std::memory_order_relaxed);
    const double expected_s = decision.prediction.seconds[static_cast<int>(decision.where)] -
                              decision.prediction.wait_seconds;
    const runtime::Where where =
        decision.where == Where::Cpu ? runtime::Where::Cpu : runtime::Where::Devices;
    const Result<runtime::CallReport> report =
        runtime::process_runtime().run(call, where, static_cast<int64_t>(expected_s * 1e9),
                                       Process::get().rate(call.routine, call.type).rates.cpu);
    if (decision.where == Where::Devices) Process::get().note_devices();
    if (!report) {
      give_to_host(decision, reason_of(report.error().code()));
      static constinit log::OncePerSite once;
      if (once.first()) warn(Message::LastDeviceLost, {report.error().to_string()});
      return false;
    }
    record_tiles(call, decision, *report);
    Process::get().spent(call.routine, call.type, seconds_since(decision.start_ns));
    return true;
  } catch (const std::exception& error) {
    give_to_host(decision, Reason::InternalFallback);
    BLASX_WARN_ONCE(message_text(Message::InternalFallback, {error.what()}));
    return false;
  }
}

HostCall::HostCall(const BlasCall& call, const Decision& decision) noexcept
    : call_(call), decision_(decision) {}

HostCall::~HostCall() {
  if (decision_.start_ns == 0) return;
  try {
    if (trace::active() != 0) trace::record_call(record_of(call_, decision_));
    if (decision_.reason == Reason::HostFaster)
      Process::get().spent(call_.routine, call_.type, seconds_since(decision_.start_ns));
  } catch (const std::exception& error) {
    BLASX_WARN_ONCE(message_text(Message::InternalFallback, {error.what()}));
  }
}

void settings_changed() noexcept {
  Process* process = Process::if_there();
  if (process == nullptr) return;  // the first call will read them
  try {
    process->read_settings();
    process->set_gate();
  } catch (const std::exception& error) {
    BLASX_WARN_ONCE(message_text(Message::InternalFallback, {error.what()}));
  }
}

RateTable::Entry known_rate(Routine r, Type t) { return Process::get().rate(r, t); }
Status measure_all() { return Process::get().measure_all(); }

}  // namespace blasx::offload
