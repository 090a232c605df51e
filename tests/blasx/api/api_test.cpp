// SPDX-License-Identifier: Apache-2.0
// The control interface as a program sees it.
#include <blasx/blasx.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>

#include "blasx/trace/record.hpp"

extern "C" int blasx_header_in_c(void);

namespace blasx {
namespace {

template <typename T>
T sized() {
  T value{};
  value.size = sizeof value;
  return value;
}

std::string value_of(const char* name) {
  auto setting = sized<blasx_setting>();
  return blasx_get(name, &setting) == BLASX_OK ? setting.value : "refused";
}

trace::CallRecord some_call() {
  trace::CallRecord record;
  record.call.m = record.call.n = record.call.k = 10;
  record.place = trace::Place::CpuTiles;
  record.start_ns = trace::now_ns();
  record.end_ns = record.start_ns + 1000;
  return record;
}

// Settings that a developer's own environment may hold must not be seen.
[[maybe_unused]] const int kOwnWorld = [] {
  for (const char* name : {"BLASX_TILE", "BLASX_THRESHOLD", "BLASX_STATS", "BLASX_TRACE"}) {
    ::unsetenv(name);
  }
  ::setenv("BLASX_CONFIG", "/dev/null", 1);
  ::setenv("BLASX_CACHE_DIR", "off", 1);
  ::setenv("BLASX_DEVICES", "cpu,host:2", 1);
  ::setenv("BLASX_DEVICE_MEMORY", "16M", 1);
  return 0;
}();

TEST(Api, HeaderIsPlainC) { EXPECT_EQ(blasx_header_in_c(), 0); }

TEST(Api, VersionAndTexts) {
  const std::string version = blasx_version();
  const auto plus = version.find('+');
  EXPECT_EQ(version.substr(0, plus), BLASX_PROJECT_VERSION) << "header and build disagree";
  ASSERT_NE(plus, std::string::npos);
  EXPECT_EQ(version.find_first_not_of("0123456789abcdef", plus + 1),
            version.substr(plus) == "+unknown" ? plus + 1 : std::string::npos);
  EXPECT_STREQ(blasx_status_text(BLASX_NOT_FOUND), "not found");
  EXPECT_STREQ(blasx_status_text(BLASX_INTERNAL), "internal error");
}

TEST(Api, SetAndGet) {
  EXPECT_EQ(blasx_set("threshold", "1e6"), BLASX_OK);
  auto setting = sized<blasx_setting>();
  ASSERT_EQ(blasx_get("BLASX_THRESHOLD", &setting), BLASX_OK);
  EXPECT_STREQ(setting.name, "THRESHOLD");
  EXPECT_STREQ(setting.value, "1e6");
  EXPECT_STREQ(setting.origin, "blasx_set");
  EXPECT_STREQ(setting.initial, "auto");
  EXPECT_EQ(setting.at_start, 0);
  EXPECT_EQ(blasx_set("threshold", "auto"), BLASX_OK);
}

TEST(Api, WrongSettingsSayWhy) {
  EXPECT_EQ(blasx_set("threshold", "-1"), BLASX_INVALID_ARGUMENT);
  EXPECT_STREQ(blasx_last_message(),
               "THRESHOLD=-1: negative; accepted auto or a number of floating-point operations, 0 "
               "or more; using auto");
  EXPECT_EQ(blasx_set("colour", "red"), BLASX_NOT_FOUND);
  EXPECT_EQ(blasx_set(nullptr, "red"), BLASX_INVALID_ARGUMENT);
  EXPECT_EQ(blasx_set("tile", nullptr), BLASX_INVALID_ARGUMENT);
  EXPECT_EQ(blasx_get("colour", nullptr), BLASX_NOT_FOUND);
  EXPECT_EQ(blasx_get("tile", nullptr), BLASX_INVALID_ARGUMENT);
}

TEST(Api, MessagesBelongToTheirThread) {
  EXPECT_EQ(blasx_set("colour", "red"), BLASX_NOT_FOUND);
  const std::string mine = blasx_last_message();
  std::string at_start = "unset";
  std::thread([&] {
    at_start = blasx_last_message();
    blasx_set("flavour", "x");
  }).join();
  EXPECT_EQ(at_start, "");
  EXPECT_EQ(blasx_last_message(), mine);
}

TEST(Api, EverySettingByIndex) {
  const int32_t count = blasx_setting_count();
  EXPECT_GT(count, 10);
  auto setting = sized<blasx_setting>();
  for (int32_t i = 0; i < count; ++i) {
    ASSERT_EQ(blasx_setting_at(i, &setting), BLASX_OK);
    EXPECT_EQ(value_of(setting.name), setting.value);
  }
  EXPECT_EQ(blasx_setting_at(-1, &setting), BLASX_NOT_FOUND);
  EXPECT_EQ(blasx_setting_at(count, &setting), BLASX_NOT_FOUND);
}

TEST(Api, OlderProgramsHaveSmallerStructs) {
  auto setting = sized<blasx_setting>();
  std::memset(&setting, 'x', sizeof setting);
  setting.size = offsetof(blasx_setting, accepted);
  ASSERT_EQ(blasx_get("tile", &setting), BLASX_OK);
  EXPECT_STREQ(setting.name, "TILE");
  EXPECT_EQ(setting.size, offsetof(blasx_setting, accepted));
  EXPECT_EQ(setting.value[0], 'x') << "what the program does not know of is left alone";
  setting.size = 0;
  EXPECT_EQ(blasx_get("tile", &setting), BLASX_INVALID_ARGUMENT);
}

TEST(Api, NewerProgramsGetWhatThereIs) {
  struct Newer {
    blasx_stats known;
    char more[64];
  };
  Newer newer{};
  newer.known.size = sizeof newer;
  newer.more[0] = 'x';
  EXPECT_EQ(blasx_stats_of("dgemm", &newer.known), BLASX_OK);
  EXPECT_STREQ(newer.known.routine, "dgemm");
  EXPECT_EQ(newer.more[0], 'x');
}

TEST(Api, Statistics) {
  blasx_stats_reset();
  trace::record_call(some_call());
  auto stats = sized<blasx_stats>();
  ASSERT_EQ(blasx_stats_of("dgemm", &stats), BLASX_OK);
  EXPECT_EQ(stats.calls_as_cpu_tiles, 1);
  EXPECT_EQ(stats.calls_on_host, 0);
  EXPECT_DOUBLE_EQ(stats.operations, 2000);
  ASSERT_EQ(blasx_stats_of("total", &stats), BLASX_OK);
  EXPECT_EQ(stats.calls_as_cpu_tiles, 1);
  ASSERT_EQ(blasx_stats_of("ztrsm", &stats), BLASX_OK);
  EXPECT_EQ(stats.calls_as_cpu_tiles, 0);
  EXPECT_EQ(blasx_stats_of("gemm", &stats), BLASX_NOT_FOUND);
  EXPECT_EQ(blasx_stats_of(nullptr, &stats), BLASX_INVALID_ARGUMENT);
  blasx_stats_reset();
  ASSERT_EQ(blasx_stats_of("total", &stats), BLASX_OK);
  EXPECT_EQ(stats.calls_as_cpu_tiles, 0);
}

TEST(Api, TimelineStartsAndStops) {
  const std::string path = ::testing::TempDir() + "api_test." + std::to_string(::getpid());
  EXPECT_EQ(blasx_trace_start(""), BLASX_INVALID_ARGUMENT);
  ASSERT_EQ(blasx_trace_start(path.c_str()), BLASX_OK);
  trace::record_call(some_call());
  EXPECT_EQ(blasx_flush(), BLASX_OK);
  EXPECT_TRUE(std::ifstream(path).good());
  std::remove(path.c_str());
  EXPECT_EQ(blasx_trace_stop(), BLASX_OK);
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  EXPECT_NE(text.str().find("\"dgemm\""), std::string::npos);
  std::remove(path.c_str());
  trace::record_call(some_call());
  EXPECT_EQ(blasx_flush(), BLASX_OK);
  EXPECT_FALSE(std::ifstream(path).good()) << "nothing is collected any more";
  ASSERT_EQ(blasx_trace_start(path.c_str()), BLASX_OK);
  trace::record_call(some_call());
  EXPECT_EQ(blasx_trace_stop(), BLASX_OK);
  text.str("");
  text << std::ifstream(path).rdbuf();
  EXPECT_EQ(text.str().find("\"dgemm\""), text.str().rfind("\"dgemm\"")) << "the old is gone";
  std::remove(path.c_str());
}

TEST(Api, ExplainGoesToStderrWhileOn) {
  ASSERT_EQ(blasx_explain(1), BLASX_OK);
  ::testing::internal::CaptureStderr();
  trace::record_call(some_call());
  ASSERT_EQ(blasx_explain(0), BLASX_OK);
  trace::record_call(some_call());
  const std::string said = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(said.rfind("{\"routine\":\"dgemm\"", 0), 0U) << said;
  EXPECT_EQ(said.find('\n'), said.size() - 1) << said;
}

TEST(Api, HostBlas) {
  auto library = sized<blasx_host_blas>();
  ASSERT_EQ(blasx_host_blas_for(32, &library), BLASX_OK);
  EXPECT_STRNE(library.name, "");
  EXPECT_EQ(library.integer_bits, 32);
  EXPECT_GE(library.threads, 1);
  EXPECT_EQ(blasx_host_blas_for(16, &library), BLASX_INVALID_ARGUMENT);
}

TEST(Api, Devices) {
  ASSERT_EQ(blasx_device_count(), 3);
  auto device = sized<blasx_device>();
  std::string names;
  for (int32_t i = 0; i < 3; ++i) {
    ASSERT_EQ(blasx_device_at(i, &device), BLASX_OK);
    names += std::string(device.name) + ' ';
    EXPECT_GE(device.compute_units, 1);
  }
  EXPECT_EQ(names, "host:0 host:1 cpu ");
  EXPECT_EQ(blasx_device_at(3, &device), BLASX_NOT_FOUND);
  EXPECT_EQ(blasx_device_at(-1, &device), BLASX_NOT_FOUND);
}

// Last, since it makes the state of a first call. Measuring itself takes seconds and a quiet
// machine: the tests of the rates' owner do it on a clock of their own.
TEST(Api, Rates) {
  auto rate = sized<blasx_rate>();
  ASSERT_EQ(blasx_rate_of("dtrsm", &rate), BLASX_OK);
  EXPECT_STREQ(rate.routine, "dtrsm");
  EXPECT_GT(rate.host, 0);
  EXPECT_EQ(rate.measured, 0) << "nothing is kept where CACHE_DIR is off";
  EXPECT_EQ(blasx_rate_of("total", &rate), BLASX_NOT_FOUND);
  EXPECT_EQ(blasx_rate_of(nullptr, &rate), BLASX_INVALID_ARGUMENT);
}

}  // namespace
}  // namespace blasx
