// SPDX-License-Identifier: Apache-2.0
#include "blasx/runtime/sim/run.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <variant>

#include "blasx/device/sim/kernel_time.hpp"
#include "blasx/runtime/sim/bound.hpp"
#include "blasx/schedule/ready_zones.hpp"
#include "blasx/tile/shape.hpp"
#include "common/check.hpp"

namespace blasx::runtime::sim {
namespace {

using device::sim::DeviceKind;
using device::sim::Machine;
using device::sim::Report;
using device::sim::Simulation;
using schedule::DeviceId;
using tile::TaskGraph;

const DeviceKind& kind_of(const Machine& machine, const Request& request, size_t i) {
  return machine.kind_of(static_cast<size_t>(request.devices[i]));
}

Status check(const Machine& machine, const Request& request) {
  for (size_t i = 0; i < request.devices.size(); ++i) {
    const DeviceKind& kind = kind_of(machine, request, i);
    if (!device::sim::has_rates(kind, request.call.type)) {
      return Status(StatusCode::InvalidArgument, machine.name + ": kinds." + kind.name +
                                                     ".rates: none for precision " +
                                                     type_letter(request.call.type));
    }
  }
  if (request.devices.empty()) return Status(StatusCode::InvalidArgument, "no device");
  const bool loses = std::any_of(request.faults.begin(), request.faults.end(),
                                 [](const device::sim::Fault& f) { return f.slow_by <= 0; });
  if (loses && request.policy == PolicyKind::Xt) {
    return Status(StatusCode::InvalidArgument, "policy xt survives no lost device");
  }
  return {};
}

std::vector<schedule::DeviceSpec> specs_of(const Machine& machine, const Request& request) {
  std::vector<schedule::DeviceSpec> specs;
  for (size_t i = 0; i < request.devices.size(); ++i) {
    const DeviceKind& kind = kind_of(machine, request, i);
    schedule::DeviceSpec spec;
    spec.memory = kind.at_home ? schedule::Memory::Home : schedule::Memory::Arena;
    spec.streams = !kind.at_home && request.streams > 0 ? request.streams : kind.streams;
    spec.units = std::min(kind.units, spec.streams);
    spec.operations_per_second = device::sim::in_core_gflops(kind, request.call.type) * 1e9;
    specs.push_back(spec);
  }
  return specs;
}

// As the runtime assembles a call.
Result<tile::TileShape> shape_of(const Machine& machine, const Request& request,
                                 const std::vector<schedule::DeviceSpec>& specs) {
  const device::sim::Routes routes(machine);
  tile::ShapeFacts facts;
  facts.tile = request.tile;
  facts.streams = 0;
  for (size_t i = 0; i < specs.size(); ++i) {
    const DeviceKind& kind = kind_of(machine, request, i);
    facts.streams += specs[i].streams;
    if (kind.at_home) continue;
    const auto& curves = kind.rates[static_cast<size_t>(request.call.type)];
    const auto family = static_cast<size_t>(device::sim::family_of(request.call.routine));
    facts.add_arena(
        {.bytes = static_cast<int64_t>(kind.memory_bytes),
         .streams = specs[i].streams,
         .operations_per_second = specs[i].operations_per_second,
         .bytes_per_second = routes.way(0, static_cast<size_t>(request.devices[i]) + 1).bytes_per_s,
         .product = curves[0],
         .triangular = curves[family].empty() ? curves[0] : curves[family]});
  }
  const std::vector<double> rates = routes.link_table(machine, request.devices);
  facts.peers = schedule::any_peers({static_cast<int32_t>(specs.size()), rates.data()});
  return tile::choose_tile_shape(request.call, facts);
}

class Loop {
 public:
  Loop(const Machine& machine, const Request& request, const TaskGraph& graph,
       std::vector<schedule::DeviceSpec> specs)
      : machine_(machine),
        request_(request),
        graph_(graph),
        simulation_(machine, request.devices, request.noise, request.faults),
        recorder_(graph, names(), request.keep_spans) {
    links_ = simulation_.routes().link_table(machine, request.devices);
    const schedule::LinkTable links{static_cast<int32_t>(specs.size()), links_.data()};
    std::vector<double> speeds;
    for (size_t i = 0; i < specs.size(); ++i) {
      const DeviceKind& kind = kind_of(machine, request, i);
      const auto room = static_cast<int64_t>(kind.memory_bytes) / graph.block_bytes();
      const int64_t use = graph.tile_count() + graph.task_count() + 3 * int64_t{specs[i].streams};
      specs[i].blocks = static_cast<int32_t>(std::min<int64_t>({room, use, INT32_MAX}));
      if (!kind.at_home) {
        const double link =
            simulation_.routes().way(0, static_cast<size_t>(request.devices[i]) + 1).bytes_per_s;
        schedule::set_under_way(specs[i], graph, links, i, link);
      }
      speeds.push_back(device::sim::in_core_gflops(kind, graph.call().type));
    }
    policy_ = make_policy(request.policy, graph, specs, links_, speeds);
  }

  void run() {
    std::vector<schedule::Command> commands;
    std::vector<Report> reports;
    policy_->start();
    while (true) {
      policy_->take_commands(commands);
      for (const auto& command : commands) std::visit([this](const auto& c) { issue(c); }, command);
      if (policy_->finished() || policy_->exhausted()) return;
      BLASX_CHECK(simulation_.next(reports));  // or nothing would ever happen again
      for (const Report& report : reports) tell(report);
    }
  }

  Outcome outcome() {
    Outcome out;
    out.policy = request_.policy;
    out.shape = graph_.shape();
    out.tasks = graph_.task_count();
    out.committed = committed_;
    out.seconds = simulation_.now_s();
    out.operations = operation_count(graph_.call());
    out.traffic = policy_->traffic();
    out.devices = recorder_.uses();
    out.spans = recorder_.take_spans();
    double memory = 0;
    for (size_t i = 0; i < request_.devices.size(); ++i) {
      const DeviceKind& kind = kind_of(machine_, request_, i);
      out.in_core_gflops += device::sim::in_core_gflops(
          kind, graph_.call().type, device::sim::family_of(graph_.call().routine));
      out.units.push_back(kind.units);
      memory += kind.memory_bytes;
    }
    out.least_host_bytes = least_host_bytes(graph_.call(), memory);
    out.least_host_bytes_of_groups = least_host_bytes(graph_.call(), memory_groups(out));
    const auto& lanes = simulation_.routes().lanes();
    for (size_t l = 0; l < lanes.size(); ++l) {
      const device::sim::Link& link = machine_.links[static_cast<size_t>(lanes[l].link)];
      const auto name = [&](int32_t n) { return machine_.nodes[static_cast<size_t>(n)]; };
      const bool back = lanes[l].back;
      out.lanes.push_back({name(back ? link.to : link.from), name(back ? link.from : link.to),
                           link.duplex, lanes[l].bytes_per_s, simulation_.lane_bytes()[l]});
    }
    return out;
  }

 private:
  struct Pending {
    Span span;
    bool commits = false;
  };

  std::vector<MemoryGroup> memory_groups(const Outcome& out) const {
    const size_t count = request_.devices.size();
    std::vector<MemoryGroup> groups;
    std::vector<bool> seen(count, false);
    for (size_t first = 0; first < count; ++first) {
      if (seen[first]) continue;
      groups.emplace_back();
      std::vector<size_t> members{first};
      seen[first] = true;
      for (size_t i = 0; i < members.size(); ++i) {
        groups.back().memory_bytes += kind_of(machine_, request_, members[i]).memory_bytes;
        groups.back().share += out.devices[members[i]].operations / out.operations;
        for (size_t d = 0; d < count; ++d) {
          const auto a = static_cast<size_t>(request_.devices[members[i]]);
          if (seen[d] || !machine_.peers[a][static_cast<size_t>(request_.devices[d])]) continue;
          seen[d] = true;
          members.push_back(d);
        }
      }
    }
    return groups;
  }

  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const int32_t d : request_.devices) {
      names.push_back(machine_.devices[static_cast<size_t>(d)].name);
    }
    return names;
  }

  Span span(Span::Kind kind, DeviceId device) const {
    Span s;
    s.kind = kind;
    s.device = index(device);
    return s;
  }
  int64_t bytes(tile::TileId t, tile::Region region) const {
    const int64_t all = graph_.bytes(t), edge = graph_.rows(t);
    return region == tile::Region::Full ? all : all / edge * (edge + 1) / 2;
  }

  void issue(const schedule::Fetch& f) {
    Span s =
        span(f.source == DeviceId::Home ? Span::Kind::Fetch : Span::Kind::FetchFromPeer, f.device);
    s.tile = f.tile;
    s.bytes = bytes(f.tile, f.region);
    pending_[static_cast<int64_t>(f.op)] = {s, false};
    simulation_.fetch(f.op, f.device, f.source, s.bytes);
  }

  void issue(const schedule::Store& c) {
    const tile::Task task = graph_.task(c.task);
    Span s = span(Span::Kind::Store, c.device);
    s.stream = c.stream;
    s.task = c.task;
    s.tile = task.output;
    s.bytes = bytes(task.output, task.region);
    pending_[static_cast<int64_t>(c.op)] = {s, true};
    simulation_.store(c.op, c.device, s.bytes);
  }

  void issue(const schedule::Compute& c) {
    const DeviceKind& kind = kind_of(machine_, request_, static_cast<size_t>(index(c.device)));
    double seconds = 0;
    int32_t count = 1;
    for (int32_t i = c.first_step; i < c.first_step + c.step_count; i += count) {
      count = 1;
      const tile::Step step =
          kind.at_home ? graph_.fused_step(c.task, i, count) : graph_.step(c.task, i);
      seconds += device::sim::kernel_seconds(kind, graph_.call().type, step);
    }
    Span s = span(Span::Kind::Compute, c.device);
    s.stream = c.stream;
    s.task = c.task;
    pending_[static_cast<int64_t>(c.op)] = {s, kind.at_home};
    simulation_.kernel(c.op, c.device, c.stream, seconds);
  }

  void tell(const Report& report) {
    const auto it = pending_.find(static_cast<int64_t>(report.op));
    BLASX_CHECK(it != pending_.end());
    Pending p = it->second;
    pending_.erase(it);
    if (!report.ok) {
      if (report.lost != DeviceId::Home) recorder_.lost(report.lost);
      policy_->on(schedule::OpFailed{report.op, report.lost});
      return;
    }
    p.span.start_s = report.start_s;
    p.span.end_s = report.end_s;
    recorder_.done(p.span, p.commits);
    committed_ += p.commits ? 1 : 0;
    const double ns = (report.end_s - report.start_s) * 1e9;
    policy_->on(schedule::OpDone{report.op, std::max<int64_t>(1, std::llround(ns))});
  }

  const Machine& machine_;
  const Request& request_;
  const TaskGraph& graph_;
  Simulation simulation_;
  Recorder recorder_;
  std::vector<double> links_;
  std::unique_ptr<Policy> policy_;
  std::unordered_map<int64_t, Pending> pending_;
  int64_t committed_ = 0;
};

}  // namespace

double Outcome::finish_spread() const {
  double first = seconds, last = 0;
  for (const DeviceUse& use : devices) {
    if (use.lost) continue;
    first = std::min(first, use.last_s);
    last = std::max(last, use.last_s);
  }
  return seconds > 0 ? (last - first) / seconds : 0;
}

Result<Outcome> run(const Machine& machine, const Request& request) {
  if (const Status status = check(machine, request); !status) return failure(status);
  std::vector<schedule::DeviceSpec> specs = specs_of(machine, request);
  const auto shape = shape_of(machine, request, specs);
  if (!shape) return failure(shape.error());
  const TaskGraph graph(request.call, *shape);
  Loop loop(machine, request, graph, std::move(specs));
  loop.run();
  return loop.outcome();
}

}  // namespace blasx::runtime::sim
