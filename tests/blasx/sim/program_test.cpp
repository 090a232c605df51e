// SPDX-License-Identifier: Apache-2.0
// The program blasx-sim as a user runs it, on every machine file there is.
#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "blasx/device/sim/machine_file.hpp"
#include "tests/blasx/tools/process.hpp"

namespace blasx::tools::sim {
namespace {

using nlohmann::json;
using test::run_process;
using testing::HasSubstr;

const std::string kEverest = std::string(BLASX_MACHINES) + "/everest.json";

std::vector<json> lines(const std::string& text) {
  std::vector<json> all;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) all.push_back(json::parse(line));
  return all;
}

TEST(Program, EveryMachineRunsWhatItHasRatesFor) {
  int machines = 0;
  for (const auto& entry : std::filesystem::directory_iterator(BLASX_MACHINES)) {
    if (entry.path().extension() != ".json") continue;
    ++machines;
    const auto machine = device::sim::read_machine(entry.path().string());
    ASSERT_TRUE(machine) << machine.error().message();
    const auto run = run_process({BLASX_SIM, "--machine", entry.path().string(), "-n", "8192",
                                  "--routine", "dgemm,dsymm,dsyrk,dsyr2k,dtrmm,dtrsm", "--json"});
    ASSERT_EQ(run.status, 0) << entry.path() << run.err;
    for (const json& line : lines(run.out)) {
      EXPECT_EQ(line["tasks"], line["committed"]) << line;
      EXPECT_GT(line["gflops"], 0);
      EXPECT_LE(line["gflops"], line["in_core_gflops"]) << line;
    }
  }
  EXPECT_GE(machines, 1);
}

TEST(Program, SaysTheSameTwice) {
  const std::vector<std::string> command{BLASX_SIM, "--machine", kEverest, "-n",
                                         "4096",    "--jitter",  "0.2",    "--seed",
                                         "7",       "--json",    "--slow", "gpu1:2@0.01"};
  const auto first = run_process(command), second = run_process(command);
  EXPECT_EQ(first.status, 0) << first.err;
  EXPECT_EQ(first.out, second.out);
}

TEST(Program, RunsOneSetOfDevicesAfterAnother) {
  const auto run = run_process(
      {BLASX_SIM, "--machine", kEverest, "-n", "4096,8192", "--devices", "1..3", "--json"});
  ASSERT_EQ(run.status, 0) << run.err;
  const auto rows = lines(run.out);
  ASSERT_EQ(rows.size(), 6U);
  EXPECT_DOUBLE_EQ(rows[3]["speed_up"], 1);
  EXPECT_EQ(rows[5]["devices"].size(), 3U);
  EXPECT_NEAR(rows[5]["speed_up"].get<double>(),
              rows[3]["seconds"].get<double>() / rows[5]["seconds"].get<double>(), 1e-9);
}

TEST(Program, CapsTheMemoryOfDevices) {
  const std::vector<std::string> command{BLASX_SIM, "--machine", kEverest, "-n", "8192", "--json"};
  std::vector<std::string> capped = command;
  capped.insert(capped.end(), {"--memory", "100M"});
  const auto all = run_process(command), some = run_process(capped);
  ASSERT_EQ(some.status, 0) << some.err;
  EXPECT_LT(lines(all.out)[0]["host_to_device_bytes"], lines(some.out)[0]["host_to_device_bytes"]);
  capped.back() = "much";
  const auto refused = run_process(capped);
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.err, HasSubstr("memory"));
}

TEST(Program, ComparesPolicies) {
  const auto run =
      run_process({BLASX_SIM, "--machine", kEverest, "-n", "8192", "--compare", "--tile", "1024"});
  ASSERT_EQ(run.status, 0) << run.err;
  for (const char* policy : {"blasx", "no-peers", "static", "xt"})
    EXPECT_THAT(run.out, HasSubstr(policy));
}

TEST(Program, WritesTimelineAndPicture) {
  const auto folder =
      std::filesystem::temp_directory_path() / ("blasx-sim-test-" + std::to_string(::getpid()));
  std::filesystem::create_directory(folder);
  const std::string trace = folder / "t.json", picture = folder / "g.svg";
  const auto run = run_process(
      {BLASX_SIM, "--machine", kEverest, "-n", "4096", "--trace", trace, "--gantt", picture});
  EXPECT_EQ(run.status, 0) << run.err;
  std::stringstream text;
  text << std::ifstream(trace).rdbuf();
  EXPECT_GT(json::parse(text.str())["traceEvents"].size(), 100U);
  EXPECT_GT(std::filesystem::file_size(picture), 1000U);
  std::filesystem::remove_all(folder);
}

TEST(Program, ReplaysALog) {
  const auto path =
      std::filesystem::temp_directory_path() / ("blasx-sim-log-" + std::to_string(::getpid()));
  std::ofstream(path) << "{\"routine\":\"dgemm\",\"m\":4096,\"n\":4096,\"k\":4096,\"flags\":\"NN\","
                         "\"measured_ns\":7000000000}\n";
  const auto run = run_process({BLASX_SIM, "--machine", kEverest, "--replay", path});
  EXPECT_EQ(run.status, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("dgemm       4096    4096    4096 NN          1           7 "));
  std::filesystem::remove(path);
  EXPECT_NE(run_process({BLASX_SIM, "--machine", kEverest, "--replay", path}).status, 0);
  EXPECT_NE(run_process({BLASX_SIM, "--machine", kEverest}).status, 0);
}

TEST(Program, RefusesWithAReason) {
  const auto refusal = [](std::vector<std::string> words) {
    words.insert(words.begin(), BLASX_SIM);
    const auto run = run_process(words);
    EXPECT_NE(run.status, 0);
    return run.err;
  };
  EXPECT_THAT(refusal({"--machine", "nowhere", "-n", "10"}),
              HasSubstr("blasx-sim: nowhere: no such file"));
  EXPECT_THAT(refusal({"--machine", kEverest, "-n", "4096", "--routine", "dpotrf"}),
              HasSubstr("routine dpotrf"));
  EXPECT_THAT(refusal({"--machine", kEverest, "-n", "4096", "--routine", "cgemm"}),
              HasSubstr("none for precision c"));
  EXPECT_THAT(refusal({"--machine", kEverest, "-n", "4096", "--tile", "4"}),
              HasSubstr("accepted: auto, best"));
  EXPECT_THAT(refusal({"--machine", kEverest, "-n", "4096", "--fail", "gpu8@1"}),
              HasSubstr("gpu8"));
  EXPECT_THAT(refusal({"--machine", kEverest, "-n", "4096", "--trace", "/nonexistent/t"}),
              HasSubstr("/nonexistent"));
}

}  // namespace
}  // namespace blasx::tools::sim
