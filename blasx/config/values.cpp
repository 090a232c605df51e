// SPDX-License-Identifier: Apache-2.0
#include "blasx/config/values.hpp"

#include <algorithm>

namespace blasx::config {
namespace {

using Kind = DeviceRequest::Kind;

constexpr int64_t kMostHostDevices = 64;
constexpr int64_t kHighestCudaIndex = 255;

bool is_word(std::string_view text, std::string_view word) {
  return parse::equals_ignoring_case(parse::trim(text), word);
}

tl::unexpected<Status> refuse(std::string why) {
  return failure(StatusCode::InvalidArgument, std::move(why));
}

// One item; `previous` gives a bare number its meaning.
Result<DeviceRequest> parse_device(std::string_view item, const DeviceRequest* previous) {
  if (item.empty()) return refuse("an empty item");
  const size_t colon = item.find(':');
  const std::string_view word = parse::trim(item.substr(0, colon));
  const bool has_number = colon != std::string_view::npos;
  if (!has_number) {
    if (is_word(word, "auto")) return DeviceRequest{Kind::Auto, 0};
    if (is_word(word, "none")) return DeviceRequest{Kind::None, 0};
    if (is_word(word, "cpu")) return DeviceRequest{Kind::Cpu, 0};
    if (is_word(word, "host")) return DeviceRequest{Kind::Host, 1};
    if (is_word(word, "cuda")) return DeviceRequest{Kind::Cuda, DeviceRequest::kEvery};
    const auto index = parse::integer_in(word, 0, kHighestCudaIndex);
    if (index && previous != nullptr && previous->kind == Kind::Cuda) {
      return DeviceRequest{Kind::Cuda, *index};
    }
    return refuse("no such device: " + std::string(word));
  }
  const std::string_view number = item.substr(colon + 1);
  if (is_word(word, "host")) {
    const auto count = parse::integer_in(number, 1, kMostHostDevices);
    if (!count) return refuse("count of " + std::string(item) + ": " + count.error().message());
    return DeviceRequest{Kind::Host, *count};
  }
  if (is_word(word, "cuda")) {
    const auto index = parse::integer_in(number, 0, kHighestCudaIndex);
    if (!index) return refuse("index of " + std::string(item) + ": " + index.error().message());
    return DeviceRequest{Kind::Cuda, *index};
  }
  if (is_word(word, "cpu")) return refuse("cpu takes no number");
  return refuse("no such device: " + std::string(item));
}

// auto or `otherwise`.
template <typename T, typename Parser>
Result<std::optional<T>> optional_value(std::string_view text, std::string_view word,
                                        Parser otherwise) {
  if (is_word(text, word)) return std::optional<T>();
  auto value = otherwise(text);
  if (!value) return failure(value.error());
  return std::optional<T>(static_cast<T>(*value));
}

}  // namespace

Result<std::vector<DeviceRequest>> parse_devices(std::string_view text) {
  std::vector<DeviceRequest> devices;
  for (const std::string_view item : parse::split(text, ',')) {
    const auto device = parse_device(item, devices.empty() ? nullptr : &devices.back());
    if (!device) return failure(device.error());
    const auto same = [&](const DeviceRequest& other) {
      return other.kind == device->kind &&
             (other.kind != Kind::Cuda || other.number == DeviceRequest::kEvery ||
              device->number == DeviceRequest::kEvery);
    };
    if (std::any_of(devices.begin(), devices.end(), same)) {
      return refuse("the same device twice: " + std::string(item));
    }
    devices.push_back(*device);
  }
  if (devices.empty()) return refuse("empty");
  for (const DeviceRequest& device : devices) {
    if (devices.size() > 1 && (device.kind == Kind::Auto || device.kind == Kind::None)) {
      return refuse(device.kind == Kind::Auto ? "auto stands alone" : "none stands alone");
    }
  }
  return devices;
}

std::string devices_text(const std::vector<DeviceRequest>& devices) {
  std::string text;
  for (const DeviceRequest& device : devices) {
    if (!text.empty()) text += ',';
    constexpr const char* kWords[] = {"auto", "none", "cpu", "host", "cuda"};
    text += kWords[static_cast<int>(device.kind)];
    if (device.kind == Kind::Host || (device.kind == Kind::Cuda && device.number >= 0)) {
      text += ':' + std::to_string(device.number);
    }
  }
  return text;
}

Result<std::optional<parse::Amount>> parse_device_memory(std::string_view text) {
  return optional_value<parse::Amount>(text, "auto", parse::amount);
}

Result<std::optional<int64_t>> parse_tile(std::string_view text) {
  return optional_value<int64_t>(text, "auto",
                                 [](std::string_view t) { return parse::integer_in(t, 8, 16384); });
}

Result<std::optional<double>> parse_threshold(std::string_view text) {
  return optional_value<double>(text, "auto", [](std::string_view t) -> Result<double> {
    auto value = parse::real(t);
    if (value && *value < 0) return refuse("negative");
    return value;
  });
}

Result<std::optional<int64_t>> parse_host_threads(std::string_view text) {
  return optional_value<int64_t>(text, "auto",
                                 [](std::string_view t) { return parse::integer_in(t, 1, 4096); });
}

Result<std::optional<double>> parse_link_rate(std::string_view text) {
  return optional_value<double>(text, "off", [](std::string_view t) -> Result<int64_t> {
    auto value = parse::bytes(t);
    if (value && *value == 0) return refuse("nothing would ever arrive");
    return value;
  });
}

Result<std::vector<double>> parse_host_rates(std::string_view text) {
  std::vector<double> rates;
  if (parse::equals_ignoring_case(parse::trim(text), "off")) return rates;
  for (const std::string_view item : parse::split(text, ',')) {
    const auto rate = parse::real(item);
    if (!rate) return failure(rate.error());
    if (*rate <= 0) return refuse("nothing would ever be computed");
    rates.push_back(*rate);
  }
  if (rates.empty()) return refuse("empty");
  return rates;
}

Result<int64_t> parse_streams(std::string_view text) { return parse::integer_in(text, 1, 16); }
Result<int64_t> parse_verbose(std::string_view text) { return parse::integer_in(text, 0, 2); }
Result<bool> parse_boolean(std::string_view text) { return parse::boolean(text); }
Result<std::string> parse_text(std::string_view text) { return std::string(parse::trim(text)); }

Result<StatsRequest> parse_stats(std::string_view text) {
  text = parse::trim(text);
  if (text.empty()) return refuse("empty");
  if (is_word(text, "quiet")) return StatsRequest{.enabled = true, .printed = false, .path = {}};
  if (const auto flag = parse::boolean(text)) {
    return StatsRequest{.enabled = *flag, .printed = *flag, .path = {}};
  }
  return StatsRequest{.enabled = true, .printed = true, .path = std::string(text)};
}

}  // namespace blasx::config
