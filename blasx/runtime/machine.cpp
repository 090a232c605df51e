// SPDX-License-Identifier: Apache-2.0
#include "blasx/runtime/machine.hpp"

#include <unistd.h>

#include <algorithm>
#include <map>
#include <string>
#include <system_error>
#include <utility>

#include "blasx/config/messages.hpp"
#include "blasx/device/host/cpu_device.hpp"
#include "blasx/device/module.hpp"
#include "blasx/topology/topology.hpp"

namespace blasx::runtime {
namespace {

constexpr int64_t kLeastArena = int64_t{1} << 16;
constexpr const char* kCudaModule = "libblasx_cuda.so";
// Host threads that fill and empty the buffers of one module device, of those this process may use.
constexpr int32_t kMostCopyThreads = 16;

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
  if (static_cast<size_t>(number) < options.host_rates.size()) {
    host.operations_per_s = options.host_rates[static_cast<size_t>(number)];
  }
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
    if (request.kind == Kind::Cuda || request.kind == Kind::Auto) {
      options.gpus.file = kCudaModule;
      options.gpus.kind = "cuda";
      options.gpus.asked = request.kind == Kind::Cuda;
      if (request.kind == Kind::Auto || request.number == config::DeviceRequest::kEvery)
        options.gpus.every = true;
      else
        options.gpus.numbers.push_back(static_cast<int32_t>(request.number));
    }
  }
  options.cores = static_cast<int32_t>(config.host_threads.value_or(topology::usable_cores()));
  if (config.device_memory) {
    options.device_memory_share = config.device_memory->fraction;
    options.device_memory_bytes = config.device_memory->of(physical_memory());
  }
  options.tile = config.tile;
  options.streams = static_cast<int32_t>(config.streams);
  options.link_bytes_per_s = config.link_rate.value_or(0);
  options.host_rates = config.host_rates;
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

std::vector<std::unique_ptr<device::Device>> make_module_devices(const Options& options) {
  std::vector<std::unique_ptr<device::Device>> devices;
  const ModuleOptions& wanted = options.gpus;
  if (expected_devices(wanted) == 0) return devices;
  const auto leave_out = [&](const std::string& name, const Status& why) {
    if (wanted.asked) warn(Message::DeviceUnavailable, {name, why.message()});
  };
  const Result<device::DeviceModule*> module = device::open_module(wanted.file);
  if (!module) return leave_out(wanted.kind, module.error()), std::move(devices);
  const Result<int32_t> count = (*module)->count();
  if (!count) return leave_out(wanted.kind, count.error()), std::move(devices);
  std::vector<int32_t> numbers = wanted.numbers;
  for (int32_t i = 0; wanted.every && i < *count; ++i) numbers.push_back(i);
  std::map<int32_t, int32_t> made;
  for (const int32_t number : numbers) {
    device::ModuleDeviceOptions one;
    one.number = number;
    one.name = wanted.kind + ":" + std::to_string(number);
    // The second device of a GPU has a name of its own.
    if (const int32_t before = made[number]++; before > 0) one.name += "." + std::to_string(before);
    one.streams = options.streams;
    one.sharers = static_cast<int32_t>(std::count(numbers.begin(), numbers.end(), number));
    const auto all = static_cast<int32_t>(numbers.size());
    // All but the two that give orders; they sleep where there is nothing to copy.
    one.copy_threads = std::clamp((options.cores - 2) / all, 1, kMostCopyThreads);
    if (number >= *count) {
      leave_out(one.name, Status(StatusCode::NotFound,
                                 "there are " + std::to_string(*count) + " of them, from 0 on"));
      continue;
    }
    Result<std::unique_ptr<device::Device>> device = (*module)->make(one);
    if (device)
      devices.push_back(std::move(*device));
    else
      leave_out(one.name, device.error());
  }
  return devices;
}

int32_t expected_devices(const ModuleOptions& options) {
  if (options.file.empty()) return 0;
  const int32_t every = options.every ? (options.asked ? std::max(1, topology::nvidia_gpus())
                                                       : topology::nvidia_gpus())
                                      : 0;
  const bool there = options.asked || !device::find_module(options.file).empty();
  return there ? every + static_cast<int32_t>(options.numbers.size()) : 0;
}

int64_t open_arena(device::Device& device, int64_t wanted) {
  // The memory is shared with other programs: take less rather than nothing.
  std::string why = "no memory for its tile cache";
  for (int64_t bytes = std::min(wanted, device.info().memory_bytes); bytes >= kLeastArena;
       bytes /= 2) {
    const Result<int64_t> got = device.open_arena(bytes);
    if (got) return *got;
    if (got.error().code() == StatusCode::OutOfMemory) continue;
    why = got.error().message();
    break;
  }
  warn(Message::DeviceUnavailable, {device.info().name, why});
  return 0;
}

std::vector<double> link_rates(const std::vector<device::Device*>& devices) {
  const size_t side = devices.size() + 1;
  std::vector<double> rates(side * side, 0);
  for (size_t i = 1; i < side; ++i) {
    const device::Device& to = *devices[i - 1];
    if (to.info().memory != schedule::Memory::Arena) continue;
    rates[i] = rates[i * side] = to.home_rate();
    for (size_t j = 1; j < side; ++j) {
      const device::Device& from = *devices[j - 1];
      if (j != i && from.info().memory == schedule::Memory::Arena)
        rates[j * side + i] = to.peer_rate(from);
    }
  }
  return rates;
}

}  // namespace blasx::runtime
