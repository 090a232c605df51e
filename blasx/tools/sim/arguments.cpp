// SPDX-License-Identifier: Apache-2.0
#include "blasx/tools/sim/arguments.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <numeric>

#include "common/parse.hpp"

namespace blasx::tools::sim {
namespace {

using device::sim::Fault;
using device::sim::Machine;

tl::unexpected<Status> refuse(std::string why) {
  return failure(StatusCode::InvalidArgument, std::move(why));
}

std::string names_of(const Machine& machine) {
  std::string names;
  for (const auto& d : machine.devices) names += (names.empty() ? "" : ", ") + d.name;
  return names;
}

Result<int32_t> device_named(std::string_view name, const Machine& machine) {
  const auto it = std::find_if(machine.devices.begin(), machine.devices.end(),
                               [&](const auto& d) { return d.name == name; });
  if (it == machine.devices.end()) {
    return refuse(fmt::format("device {}: {} has none such; accepted: {}", name, machine.name,
                              names_of(machine)));
  }
  return static_cast<int32_t>(it - machine.devices.begin());
}

std::vector<int32_t> first_devices(int64_t count) {
  std::vector<int32_t> devices(static_cast<size_t>(count));
  std::iota(devices.begin(), devices.end(), 0);
  return devices;
}

}  // namespace

Result<std::vector<std::vector<int32_t>>> device_sets(const std::string& text,
                                                      const Machine& machine) {
  const auto all = static_cast<int64_t>(machine.devices.size());
  std::vector<std::vector<int32_t>> sets;
  if (text.empty()) {
    sets.push_back(first_devices(all));
    return sets;
  }
  const size_t dots = text.find("..");
  const auto from = parse::integer(dots == std::string::npos ? text : text.substr(0, dots));
  const auto to = dots == std::string::npos ? from : parse::integer(text.substr(dots + 2));
  if (from && to) {
    if (*from < 1 || *to < *from || *to > all) {
      return refuse(fmt::format("devices {}: {} has {}", text, machine.name, all));
    }
    for (int64_t count = *from; count <= *to; ++count) sets.push_back(first_devices(count));
    return sets;
  }
  std::vector<int32_t> named;
  for (const std::string_view name : parse::split(text, ',')) {
    const auto device = device_named(name, machine);
    if (!device) return failure(device.error());
    if (std::find(named.begin(), named.end(), *device) != named.end()) {
      return refuse(fmt::format("devices {}: {} is there twice", text, name));
    }
    named.push_back(*device);
  }
  sets.push_back(named);
  return sets;
}

Result<Fault> fault_of(const std::string& text, bool loses, const Machine& machine) {
  const std::string accepted = loses ? "DEVICE@SECONDS" : "DEVICE:FACTOR@SECONDS";
  const size_t at = text.find('@'), colon = text.find(':');
  if (at == std::string::npos || (colon == std::string::npos) != loses || (!loses && colon > at)) {
    return refuse(text + ": accepted: " + accepted);
  }
  const auto device = device_named(text.substr(0, loses ? at : colon), machine);
  if (!device) return failure(device.error());
  const auto time = parse::real(text.substr(at + 1));
  if (!time || *time < 0) return refuse(text + ": accepted: " + accepted);
  Fault fault{*device, *time, 0};
  if (!loses) {
    const auto factor = parse::real(text.substr(colon + 1, at - colon - 1));
    if (!factor || *factor <= 0) return refuse(text + ": a factor above 0; accepted: " + accepted);
    fault.slow_by = *factor;
  }
  return fault;
}

std::vector<Fault> faults_among(const std::vector<Fault>& faults,
                                const std::vector<int32_t>& devices) {
  std::vector<Fault> among;
  for (Fault fault : faults) {
    const auto it = std::find(devices.begin(), devices.end(), fault.device);
    if (it == devices.end()) continue;
    fault.device = static_cast<int32_t>(it - devices.begin());
    among.push_back(fault);
  }
  return among;
}

Result<std::string> find_machine(const std::string& text, const std::vector<std::string>& folders) {
  std::error_code ignored;
  if (std::filesystem::exists(text, ignored)) return text;
  for (const std::string& folder : folders) {
    const std::string path = folder + "/" + text + ".json";
    if (text.find('/') == std::string::npos && std::filesystem::exists(path, ignored)) return path;
  }
  std::string looked;
  for (const std::string& folder : folders) looked += (looked.empty() ? "" : ", ") + folder;
  return failure(StatusCode::NotFound,
                 text + ": no such file, nor a machine of that name in " + looked);
}

}  // namespace blasx::tools::sim
