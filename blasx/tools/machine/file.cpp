// SPDX-License-Identifier: Apache-2.0
#include "blasx/tools/machine/file.hpp"

#include <algorithm>
#include <cmath>

#include "common/json.hpp"

namespace blasx::tools {
namespace {

// As the runtime's own link table has it: a peer's block is a better source than the caller's strided matrix.
constexpr double kPeerBesideHome = 2;

// To four digits: more would be noise.
int64_t rounded(double value) {
  const double unit = std::pow(10, std::max(0.0, std::floor(std::log10(value)) - 3));
  return std::llround(std::round(value / unit) * unit);
}
int64_t milli(double value) { return std::llround(value * 1000); }

// Cores that a device computes on, counted on through the machine's devices.
struct Cores {
  size_t first = 0, count = 1;
};

double rate_of(const std::vector<double>& by_core, Cores cores) {
  double sum = 0;
  for (size_t i = 0; i < cores.count; ++i) sum += by_core[(cores.first + i) % by_core.size()];
  return sum / static_cast<double>(cores.count);
}

void write_rates(JsonWriter& json, const Measured& measured, Cores cores) {
  json.line().key("rates").begin_object();
  for (const Type type : {Type::S, Type::D, Type::C, Type::Z}) {
    bool any = false;
    for (const Curve& curve : measured.curves) {
      if (curve.type != type) continue;
      if (!any) json.line().key(std::string(1, type_letter(type))).begin_object();
      any = true;
      json.line().key(kKernelFamilies[curve.family].name).begin_array();
      for (const auto& [edge, gflops] : curve.points) {
        json.begin_array().value(edge).milli(milli(rate_of(gflops, cores))).end_array();
      }
      json.end_array();
    }
    if (any) json.end_object();
  }
  json.end_object();
}

void write_kind(JsonWriter& json, const DescribedMachine& machine, const DescribedDevice& device,
                const Measured& measured, Cores cores) {
  json.line().key(device.name).begin_object().member("source", machine.source);
  json.line().member("units", static_cast<int64_t>(device.units));
  if (device.memory_bytes > 0) {
    json.member("memory_bytes", device.memory_bytes);
    json.member("streams", static_cast<int64_t>(machine.streams));
    json.line();
    constexpr const char* kKeys[kWays] = {"copy_in_bytes_per_s", "copy_out_bytes_per_s",
                                          "copy_peer_bytes_per_s"};
    for (size_t way = 0; way < kWays; ++way)
      json.member(kKeys[way], rounded(measured.copy_bytes_per_s[way]));
    json.key("launch_us").milli(milli(measured.operation_us));
  } else {
    json.member("at_home", true).key("launch_us").milli(milli(measured.round_trip_us));
  }
  write_rates(json, measured, cores);
  json.end_object();
}

struct WrittenLink {
  std::string from, to;
  double rate = 0, rate_back = 0;  // 0: both ways share one
  double latency_us = 0;
  std::string source;
};

void write_link(JsonWriter& json, const WrittenLink& link) {
  json.line().begin_object().member("from", link.from).member("to", link.to);
  json.member("bytes_per_s", rounded(link.rate));
  if (link.rate_back > 0)
    json.member("bytes_per_s_back", rounded(link.rate_back));
  else
    json.member("duplex", false);
  if (link.latency_us > 0) json.key("latency_us").milli(milli(link.latency_us));
  json.member("source", link.source).end_object();
}

}  // namespace

std::string machine_file(const DescribedMachine& machine, const Measured& measured) {
  JsonWriter json;
  json.begin_object().member("name", machine.name);
  json.line().member("description", machine.description);
  json.line().member("cores", static_cast<int64_t>(machine.cores));
  json.line().key("kinds").begin_object();
  Cores cores;
  for (const DescribedDevice& device : machine.devices) {
    cores.count = static_cast<size_t>(device.units);
    write_kind(json, machine, device, measured, cores);
    cores.first += cores.count;
  }
  json.end_object().line().key("devices").begin_array();
  bool arenas = false;
  for (const DescribedDevice& device : machine.devices) {
    json.line().begin_object().member("name", device.name);
    json.member("kind", device.name).end_object();
    arenas = arenas || device.memory_bytes > 0;
  }
  json.end_array().line().key("links").begin_array();
  if (arenas) {
    write_link(json, {"home", "memory", measured.all_copies_bytes_per_s, 0, 0,
                      "measured: copies on all cores together"});
  }
  const auto copy = [&](Way way) { return measured.copy_bytes_per_s[static_cast<size_t>(way)]; };
  for (const DescribedDevice& device : machine.devices) {
    if (device.memory_bytes == 0) continue;
    const bool told = device.link_bytes_per_s > 0;
    const double in = told ? device.link_bytes_per_s : copy(Way::In);
    const double out = told ? device.link_bytes_per_s : copy(Way::Out);
    // Memory has no latency beside that of the threads that copy and report; a peer's copy passes two such links.
    write_link(json, {"memory", device.name, in, out, measured.operation_wait_us,
                      told ? "BLASX_LINK_RATE" : "measured: one copy alone"});
    const double peer = std::max(kPeerBesideHome * in, copy(Way::Peer));
    write_link(json, {device.name, "blocks", peer, peer, measured.operation_wait_us / 2,
                      "as the runtime ranks it; what a copy reaches is copy_peer_bytes_per_s"});
  }
  json.end_array().line().member("peers", arenas ? "all" : "none").line().end_object();
  return json.take() + '\n';
}

}  // namespace blasx::tools
