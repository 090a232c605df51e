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

void write_rates(JsonWriter& json, const Measured& measured) {
  json.line().key("rates").begin_object();
  for (const Type type : {Type::S, Type::D, Type::C, Type::Z}) {
    bool any = false;
    for (const Curve& curve : measured.curves) {
      if (curve.type != type) continue;
      if (!any) json.line().key(std::string(1, type_letter(type))).begin_object();
      any = true;
      json.line().key(kKernelFamilies[curve.family].name).begin_array();
      for (const auto& [edge, gflops] : curve.points) {
        json.begin_array().value(edge).milli(milli(gflops)).end_array();
      }
      json.end_array();
    }
    if (any) json.end_object();
  }
  json.end_object();
}

std::string kind_name(const DescribedDevice& device) {
  return device.memory_bytes > 0 ? "host" : "cpu";
}

void write_kind(JsonWriter& json, const DescribedMachine& machine, const DescribedDevice& device,
                const Measured& measured) {
  json.line().key(kind_name(device)).begin_object().member("source", machine.source);
  json.line().member("units", static_cast<int64_t>(device.units));
  if (device.memory_bytes > 0) {
    json.member("memory_bytes", device.memory_bytes);
    json.member("streams", static_cast<int64_t>(machine.streams));
    json.member("copy_bytes_per_s", rounded(measured.copy_bytes_per_s));
    json.key("launch_us").milli(milli(measured.hand_over_us));
  } else {
    json.member("at_home", true).key("launch_us").milli(milli(measured.round_trip_us));
  }
  write_rates(json, measured);
  json.end_object();
}

void write_link(JsonWriter& json, const std::string& from, const std::string& to, double rate,
                bool duplex, const std::string& source) {
  json.line().begin_object().member("from", from).member("to", to);
  json.member("bytes_per_s", rounded(rate)).member("duplex", duplex);
  json.member("source", source).end_object();
}

}  // namespace

std::string machine_file(const DescribedMachine& machine, const Measured& measured) {
  JsonWriter json;
  json.begin_object().member("name", machine.name);
  json.line().member("description", machine.description);
  json.line().member("cores", static_cast<int64_t>(machine.cores));
  json.line().key("kinds").begin_object();
  std::string written;
  for (const DescribedDevice& device : machine.devices) {
    if (written.find(kind_name(device)) != std::string::npos) continue;
    written += kind_name(device);
    write_kind(json, machine, device, measured);
  }
  json.end_object().line().key("devices").begin_array();
  bool arenas = false;
  for (const DescribedDevice& device : machine.devices) {
    json.line().begin_object().member("name", device.name);
    json.member("kind", kind_name(device)).end_object();
    arenas = arenas || device.memory_bytes > 0;
  }
  json.end_array().line().key("links").begin_array();
  if (arenas) {
    write_link(json, "home", "memory", measured.all_copies_bytes_per_s, false,
               "measured: copies on all cores together");
  }
  for (const DescribedDevice& device : machine.devices) {
    if (device.memory_bytes == 0) continue;
    const bool told = device.link_bytes_per_s > 0;
    const double rate = told ? device.link_bytes_per_s : measured.copy_bytes_per_s;
    write_link(json, "memory", device.name, rate, true,
               told ? "BLASX_LINK_RATE" : "measured: one copy alone");
    write_link(json, device.name, "blocks", kPeerBesideHome * rate, true,
               "as the runtime ranks it; what a copy reaches is copy_bytes_per_s");
  }
  json.end_array().line().member("peers", arenas ? "all" : "none").line().end_object();
  return json.take() + '\n';
}

}  // namespace blasx::tools
