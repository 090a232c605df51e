// SPDX-License-Identifier: Apache-2.0
#include "blasx/device/sim/machine_file.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace blasx::device::sim {
namespace {

using nlohmann::json;
using testing::HasSubstr;

json good() {
  return json::parse(R"({
    "name": "two", "description": "two devices on a switch",
    "kinds": {"k": {"source": "here", "memory_bytes": 1e9, "streams": 2, "launch_us": 5,
                    "rates": {"d": {"gemm": [[128, 10], [256, 20]], "trsm": [[128, 5]]}}}},
    "devices": [{"name": "a", "kind": "k"}, {"name": "b", "kind": "k"}],
    "links": [{"from": "home", "to": "s", "bytes_per_s": 10e9, "latency_us": 3, "source": "here"},
              {"from": "s", "to": "a", "bytes_per_s": 8e9, "bytes_per_s_back": 7e9, "source": "here"},
              {"from": "s", "to": "b", "bytes_per_s": 8e9, "duplex": false, "source": "here"}],
    "peers": "all"})");
}

std::string fault_of(const json& document) {
  const auto machine = parse_machine(document.dump(), "m.json");
  return machine ? "none" : machine.error().message();
}

TEST(MachineFile, IsRead) {
  const auto machine = parse_machine(good().dump(), "m.json");
  ASSERT_TRUE(machine) << machine.error().message();
  EXPECT_EQ(machine->name, "two");
  ASSERT_EQ(machine->devices.size(), 2U);
  EXPECT_EQ(machine->kind_of(1).streams, 2);
  EXPECT_DOUBLE_EQ(machine->kind_of(0).memory_bytes, 1e9);
  const auto& rates = machine->kind_of(0).rates[static_cast<size_t>(Type::D)];
  EXPECT_DOUBLE_EQ(rates[static_cast<size_t>(Family::Trsm)][0].gflops, 5);
  EXPECT_EQ(rates[static_cast<size_t>(Family::Syrk)].size(), 2U);  // as gemm
  EXPECT_TRUE(machine->kind_of(0).rates[static_cast<size_t>(Type::S)][0].empty());
  ASSERT_EQ(machine->links.size(), 3U);
  EXPECT_DOUBLE_EQ(machine->links[0].bytes_per_s_back, 10e9);
  EXPECT_DOUBLE_EQ(machine->links[1].bytes_per_s_back, 7e9);
  EXPECT_FALSE(machine->links[2].duplex);
  EXPECT_TRUE(machine->peers[0][1]);
  EXPECT_FALSE(machine->peers[0][0]);
}

TEST(MachineFile, PeersAreGroups) {
  json file = good();
  file["peers"] = "none";
  EXPECT_FALSE(parse_machine(file.dump(), "m.json")->peers[0][1]);
  file["peers"] = json::parse(R"([["b", "a"]])");
  EXPECT_TRUE(parse_machine(file.dump(), "m.json")->peers[0][1]);
  file["peers"] = json::parse(R"([["b", "c"]])");
  EXPECT_EQ(fault_of(file), "m.json: peers[0][1]: c is no device");
  file["peers"] = json::parse(R"([["b", "s"]])");
  EXPECT_EQ(fault_of(file), "m.json: peers[0][1]: s is no device");
}

TEST(MachineFile, FaultsNameFileKeyAndWhatIsAccepted) {
  const auto with = [](const char* pointer, const json& value) {
    json file = good();
    file[json::json_pointer(pointer)] = value;
    return fault_of(file);
  };
  EXPECT_EQ(with("/kinds/k/streams", 0),
            "m.json: kinds.k.streams: accepted: a whole number from 1 to 4096");
  EXPECT_EQ(with("/kinds/k/memory_bytes", "12G"),
            "m.json: kinds.k.memory_bytes: accepted: a number above 0");
  EXPECT_EQ(with("/kinds/k/launch_us", -1),
            "m.json: kinds.k.launch_us: accepted: a number, 0 or more");
  EXPECT_THAT(with("/kinds/k/ram", 3),
              HasSubstr("m.json: kinds.k.ram: no such key; accepted: at_home,"));
  EXPECT_EQ(with("/kinds/k/rates/d/gemm", json::parse("[[256, 1], [128, 2]]")),
            "m.json: kinds.k.rates.d.gemm[1]: accepted: a list of [edge, GFLOP/s], edges rising");
  EXPECT_EQ(with("/kinds/k/rates/d/gemm", json::array()),
            "m.json: kinds.k.rates.d.gemm: accepted: a list of [edge, GFLOP/s], edges rising");
  EXPECT_EQ(with("/kinds/k/rates", json::object()),
            "m.json: kinds.k.rates: accepted: at least one of s, d, c, z");
  EXPECT_EQ(with("/devices/0/kind", "x"), "m.json: devices[0].kind: x is none; accepted: k");
  EXPECT_EQ(with("/devices/1/name", "a"), "m.json: devices[1].name: a is taken");
  EXPECT_EQ(with("/devices/1/name", "home"), "m.json: devices[1].name: home is taken");
  EXPECT_EQ(with("/links/0/duplex", 1), "m.json: links[0].duplex: accepted: true or false");
  EXPECT_EQ(with("/links/2/bytes_per_s_back", 1),
            "m.json: links[2].bytes_per_s_back: a link that is not duplex has one rate");
  EXPECT_EQ(with("/links/0/to", "home"), "m.json: links[0].to: accepted: another node than from");
  EXPECT_EQ(with("/links/2/to", "c"), "m.json: links: no way from home to b");
  EXPECT_THAT(with("/peers", 3), HasSubstr("m.json: peers: accepted: \"all\""));
}

TEST(MachineFile, FiguresNeedASource) {
  json file = good();
  file["kinds"]["k"].erase("source");
  EXPECT_EQ(fault_of(file), "m.json: kinds.k.source: missing; accepted: some text");
  file = good();
  file["links"][1].erase("source");
  EXPECT_EQ(fault_of(file), "m.json: links[1].source: missing; accepted: some text");
}

TEST(MachineFile, NoJsonAndNoFile) {
  const auto torn = parse_machine("{\"name\": ", "m.json");
  ASSERT_FALSE(torn);
  EXPECT_THAT(torn.error().message(), HasSubstr("m.json: no JSON: "));
  const auto none = read_machine("/nonexistent.json");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code(), StatusCode::NotFound);
  EXPECT_FALSE(parse_machine("[]", "m.json"));
}

TEST(MachineFile, AtHomeNeedsNoMemoryAndNoLink) {
  json file = good();
  file["kinds"]["c"] = json::parse(
      R"({"source": "here", "at_home": true, "units": 6, "rates": {"d": {"gemm": [[64, 50]]}}})");
  file["devices"].push_back({{"name", "cpu"}, {"kind", "c"}});
  const auto machine = parse_machine(file.dump(), "m.json");
  ASSERT_TRUE(machine) << machine.error().message();
  EXPECT_EQ(machine->kind_of(2).streams, 6);
  EXPECT_FALSE(machine->peers[0][2]);
}

}  // namespace
}  // namespace blasx::device::sim
