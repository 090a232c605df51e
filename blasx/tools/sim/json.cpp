// SPDX-License-Identifier: Apache-2.0
#include "common/json.hpp"

#include "blasx/tools/sim/report.hpp"

namespace blasx::tools::sim {
namespace {

using runtime::sim::Outcome;

void write_devices(JsonWriter& json, const Outcome& o) {
  json.key("devices").begin_array();
  for (size_t i = 0; i < o.devices.size(); ++i) {
    const auto& use = o.devices[i];
    const double busy = use.busy_s / o.units[i];
    json.begin_object().member("name", use.name).member("tasks", use.tasks);
    json.member("operations", use.operations).member("busy_s", busy);
    json.member("idle_s", o.seconds - busy).member("end_s", use.last_s).member("lost", use.lost);
    json.end_object();
  }
  json.end_array();
}

void write_links(JsonWriter& json, const Outcome& o) {
  json.key("links").begin_array();
  for (const auto& lane : o.lanes) {
    json.begin_object().member("from", lane.from).member("to", lane.to);
    json.member("duplex", lane.duplex).member("bytes_per_s", lane.bytes_per_s);
    json.member("bytes", lane.bytes).end_object();
  }
  json.end_array();
}

std::string line(const Row& row) {
  const Outcome& o = row.outcome;
  const auto& t = o.traffic;
  JsonWriter json;
  json.begin_object().member("machine", row.machine).member("routine", row.routine);
  json.member("m", row.m).member("n", row.n).member("k", row.k);
  json.member("policy", policy_name(o.policy));
  json.key("tile").begin_array().value(o.shape.m).value(o.shape.n).value(o.shape.k).end_array();
  json.member("tasks", static_cast<int64_t>(o.tasks)).member("committed", o.committed);
  json.member("seconds", o.seconds).member("gflops", o.gflops()).member("speed_up", row.speed_up);
  json.member("in_core_gflops", o.in_core_gflops);
  json.member("host_to_device_bytes", t.home_to_device_bytes);
  json.member("device_to_host_bytes", t.device_to_home_bytes);
  json.member("device_to_device_bytes", t.device_to_device_bytes);
  json.member("least_host_bytes", o.least_host_bytes);
  json.member("least_host_bytes_of_groups", o.least_host_bytes_of_groups);
  json.member("level1_hits", t.level1_hits).member("level2_hits", t.level2_hits);
  json.member("misses", t.misses).member("finish_spread", o.finish_spread());
  write_devices(json, o);
  write_links(json, o);
  json.end_object();
  return json.take() + '\n';
}

}  // namespace

std::string json_lines(const std::vector<Row>& rows) {
  std::string text;
  for (const Row& row : rows) text += line(row);
  return text;
}

}  // namespace blasx::tools::sim
