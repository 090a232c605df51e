// SPDX-License-Identifier: Apache-2.0
#include "blasx/config/values.hpp"

#include <gtest/gtest.h>

namespace blasx::config {
namespace {

using Kind = DeviceRequest::Kind;
using Devices = std::vector<DeviceRequest>;

std::string refusal(const Status& status) { return status.ok() ? "accepted" : status.message(); }
std::string refused_devices(const char* text) { return refusal(parse_devices(text).status()); }

TEST(Values, DeviceLists) {
  EXPECT_EQ(*parse_devices("auto"), (Devices{{Kind::Auto, 0}}));
  EXPECT_EQ(*parse_devices("none"), (Devices{{Kind::None, 0}}));
  EXPECT_EQ(*parse_devices(" CPU , host:2 "), (Devices{{Kind::Cpu, 0}, {Kind::Host, 2}}));
  EXPECT_EQ(*parse_devices("host"), (Devices{{Kind::Host, 1}}));
  EXPECT_EQ(*parse_devices("cuda:0,1,cuda:3"),
            (Devices{{Kind::Cuda, 0}, {Kind::Cuda, 1}, {Kind::Cuda, 3}}));
  EXPECT_EQ(*parse_devices("cuda,cpu"),
            (Devices{{Kind::Cuda, DeviceRequest::kEvery}, {Kind::Cpu, 0}}));
}

TEST(Values, DeviceListsRefused) {
  EXPECT_EQ(refused_devices(""), "empty");
  EXPECT_EQ(refused_devices("gpu"), "no such device: gpu");
  EXPECT_EQ(refused_devices("gpu:1"), "no such device: gpu:1");
  EXPECT_EQ(refused_devices("cpu,,host:1"), "an empty item");
  EXPECT_EQ(refused_devices("auto,cpu"), "auto stands alone");
  EXPECT_EQ(refused_devices("cpu,none"), "none stands alone");
  EXPECT_EQ(refused_devices("cpu,cpu"), "the same device twice: cpu");
  EXPECT_EQ(refused_devices("host:2,host:1"), "the same device twice: host:1");
  EXPECT_EQ(refused_devices("cuda,0"), "the same device twice: 0");
  EXPECT_EQ(refused_devices("cpu:2"), "cpu takes no number");
  EXPECT_EQ(refused_devices("host:0"), "count of host:0: too small");
  EXPECT_EQ(refused_devices("host:65"), "count of host:65: too large");
  EXPECT_EQ(refused_devices("cuda:x"), "index of cuda:x: not a number");
  EXPECT_EQ(refused_devices("cpu,1"), "no such device: 1");
}

TEST(Values, DeviceListsReadBack) {
  for (const char* text : {"auto", "none", "cpu,host:2", "cuda:0,cuda:1,cpu", "cuda"}) {
    EXPECT_EQ(devices_text(*parse_devices(text)), text);
  }
}

TEST(Values, TileBounds) {
  EXPECT_FALSE(parse_tile("auto")->has_value());
  EXPECT_EQ(parse_tile("8")->value(), 8);
  EXPECT_EQ(parse_tile("16384")->value(), 16384);
  EXPECT_EQ(refusal(parse_tile("7").status()), "too small");
  EXPECT_EQ(refusal(parse_tile("16385").status()), "too large");
}

TEST(Values, Threshold) {
  EXPECT_FALSE(parse_threshold("AUTO")->has_value());
  EXPECT_EQ(parse_threshold("0")->value(), 0);
  EXPECT_EQ(parse_threshold("2e9")->value(), 2e9);
  EXPECT_EQ(refusal(parse_threshold("-1").status()), "negative");
}

TEST(Values, SmallNumbers) {
  EXPECT_EQ(*parse_streams("16"), 16);
  EXPECT_FALSE(parse_streams("0"));
  EXPECT_FALSE(parse_streams("17"));
  EXPECT_EQ(*parse_verbose("2"), 2);
  EXPECT_FALSE(parse_verbose("3"));
  EXPECT_EQ(parse_host_threads("3")->value(), 3);
  EXPECT_FALSE(parse_host_threads("0"));
  EXPECT_TRUE(*parse_boolean("on"));
}

TEST(Values, RatesAndMemory) {
  EXPECT_EQ(parse_host_rates("1e9, 2.5e9").value(), (std::vector<double>{1e9, 2.5e9}));
  EXPECT_TRUE(parse_host_rates("OFF")->empty());
  EXPECT_EQ(refusal(parse_host_rates("1e9,0").status()), "nothing would ever be computed");
  EXPECT_EQ(refusal(parse_host_rates("1e9,x").status()), "not a number");
  EXPECT_EQ(refusal(parse_host_rates("").status()), "empty");
  EXPECT_FALSE(parse_link_rate("off")->has_value());
  EXPECT_EQ(parse_link_rate("1G")->value(), 1073741824.0);
  EXPECT_EQ(refusal(parse_link_rate("0").status()), "nothing would ever arrive");
  EXPECT_FALSE(parse_device_memory("auto")->has_value());
  EXPECT_EQ(parse_device_memory("25%")->value().fraction, 0.25);
}

TEST(Values, Stats) {
  EXPECT_EQ(*parse_stats("0"), (StatsRequest{false, false, ""}));
  EXPECT_EQ(*parse_stats("1"), (StatsRequest{true, true, ""}));
  EXPECT_EQ(*parse_stats("quiet"), (StatsRequest{true, false, ""}));
  EXPECT_EQ(*parse_stats("out.txt"), (StatsRequest{true, true, "out.txt"}));
}

}  // namespace
}  // namespace blasx::config
