// SPDX-License-Identifier: Apache-2.0
// Types of settings that are more than a number, and the parsers that config.def names. Pure
// functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/parse.hpp"
#include "common/status.hpp"

namespace blasx::config {

// One item of BLASX_DEVICES.
struct DeviceRequest {
  enum class Kind : uint8_t {
    Auto,  // every GPU and the CPU; stands alone
    None,  // stands alone
    Cpu,
    Host,  // number: how many devices
    Cuda,  // number: which device, kEvery for all of them
  };
  static constexpr int64_t kEvery = -1;

  Kind kind = Kind::Auto;
  int64_t number = 0;

  bool operator==(const DeviceRequest&) const = default;
};

struct StatsRequest {
  bool enabled = false;
  bool printed = false;  // at exit
  std::string path;      // empty: stderr

  bool operator==(const StatsRequest&) const = default;
};

// "cpu", "host:2", "cuda:0", "cuda:0,1" (a bare number repeats the kind before it), lists of them.
Result<std::vector<DeviceRequest>> parse_devices(std::string_view text);
std::string devices_text(const std::vector<DeviceRequest>& devices);

// In all of these an empty optional is "auto" (or "off").
Result<std::optional<parse::Amount>> parse_device_memory(std::string_view text);
Result<std::optional<int64_t>> parse_tile(std::string_view text);
Result<std::optional<double>> parse_threshold(std::string_view text);
Result<std::optional<int64_t>> parse_host_threads(std::string_view text);
Result<std::optional<double>> parse_link_rate(std::string_view text);
// None is "off".
Result<std::vector<double>> parse_host_rates(std::string_view text);

Result<int64_t> parse_streams(std::string_view text);
Result<int64_t> parse_verbose(std::string_view text);
Result<bool> parse_boolean(std::string_view text);
Result<StatsRequest> parse_stats(std::string_view text);
Result<std::string> parse_text(std::string_view text);

}  // namespace blasx::config
