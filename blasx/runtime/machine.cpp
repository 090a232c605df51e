// SPDX-License-Identifier: Apache-2.0
#include "blasx/runtime/machine.hpp"

#include <unistd.h>

#include <algorithm>
#include <string>
#include <system_error>

#include "blasx/config/messages.hpp"
#include "blasx/device/host/cpu_device.hpp"
#include "blasx/topology/topology.hpp"

namespace blasx::runtime {
namespace {

constexpr int64_t kLeastArena = int64_t{1} << 16;
// Without a set rate a host device copies as fast as memory does; peers' blocks are contiguous and count as a better way
// than the caller's strided matrix, so that the second cache level is used as between GPUs.
constexpr double kHostCopyRate = 8e9;
constexpr double kHostPeerRate = 16e9;

int64_t physical_memory() {
  return int64_t{sysconf(_SC_PHYS_PAGES)} * int64_t{sysconf(_SC_PAGESIZE)};
}

int64_t host_device_memory(const Options& options) {
  if (options.device_memory_bytes > 0) return options.device_memory_bytes;
  return physical_memory() / 4 / std::max(1, options.host_devices);
}

device::HostDeviceOptions host_device_options(const Options& options, int32_t number) {
  device::HostDeviceOptions host;
  host.name = "host:" + std::to_string(number);
  host.memory_bytes = host_device_memory(options);
  host.compute_units = std::max(1, options.cores / std::max(1, options.host_devices));
  host.link_bytes_per_s = options.link_bytes_per_s;
  if (static_cast<size_t>(number) < options.fail.size()) {
    host.fail = options.fail[static_cast<size_t>(number)];
  }
  return host;
}

}  // namespace

Options options_from(const config::Config& config) {
  using Kind = config::DeviceRequest::Kind;
  Options options;
  options.cpu = false;
  for (const config::DeviceRequest& request : config.devices) {
    if (request.kind == Kind::Auto || request.kind == Kind::Cpu) options.cpu = true;
    if (request.kind == Kind::Host) options.host_devices += static_cast<int32_t>(request.number);
    if (request.kind == Kind::Cuda) {
      warn(Message::DeviceUnavailable, {"cuda", "this build has no CUDA device"});
    }
  }
  options.cores = static_cast<int32_t>(config.host_threads.value_or(topology::usable_cores()));
  if (config.device_memory) {
    options.device_memory_bytes = config.device_memory->of(physical_memory());
  }
  options.tile = config.tile;
  options.streams = static_cast<int32_t>(config.streams);
  options.link_bytes_per_s = config.link_rate.value_or(0);
  options.deterministic = config.deterministic;
  return options;
}

std::vector<std::unique_ptr<device::Device>> make_devices(const Options& options) {
  std::vector<std::unique_ptr<device::Device>> devices;
  for (int32_t i = 0; i < options.host_devices; ++i) {
    try {
      devices.push_back(std::make_unique<device::HostDevice>(host_device_options(options, i)));
    } catch (const std::system_error& e) {
      warn(Message::DeviceUnavailable,
           {"host:" + std::to_string(i), std::string("no threads for it: ") + e.what()});
    }
  }
  devices.push_back(std::make_unique<device::CpuDevice>(
      device::CpuDeviceOptions{options.cores, !options.deterministic}));
  return devices;
}

int64_t open_arena(device::Device& device, int64_t wanted) {
  // The memory is shared with other programs: take less rather than nothing.
  for (int64_t bytes = std::min(wanted, device.info().memory_bytes); bytes >= kLeastArena;
       bytes /= 2) {
    const Result<int64_t> got = device.open_arena(bytes);
    if (got) return *got;
  }
  warn(Message::DeviceUnavailable, {device.info().name, "no memory for its tile cache"});
  return 0;
}

std::vector<double> link_rates(const std::vector<device::Device*>& devices,
                               const Options& options) {
  const size_t side = devices.size() + 1;
  const double home = options.link_bytes_per_s > 0 ? options.link_bytes_per_s : kHostCopyRate;
  std::vector<double> rates(side * side, 0);
  const auto has_arena = [&](size_t i) {
    return devices[i - 1]->info().memory == schedule::Memory::Arena;
  };
  for (size_t i = 1; i < side; ++i) {
    if (!has_arena(i)) continue;
    rates[i] = rates[i * side] = home;
    for (size_t j = 1; j < side; ++j) {
      if (j != i && has_arena(j)) rates[i * side + j] = std::max(kHostPeerRate, 2 * home);
    }
  }
  return rates;
}

}  // namespace blasx::runtime
