// SPDX-License-Identifier: Apache-2.0
#include "blasx/trace/explain.hpp"

#include <gtest/gtest.h>

namespace blasx::trace {
namespace {

TEST(Explain, HostCall) {
  CallRecord record;
  record.call.m = record.call.n = record.call.k = 100;
  record.call.trans_b = Op::Trans;
  record.call.lda = record.call.ldb = record.call.ldc = 100;
  const double b = 0;
  record.call.b = &b;
  record.start_ns = 10;
  record.end_ns = 1010;
  record.chosen = "host";
  record.choices = {{"host", 900.5}, {"cpu", 2000}};
  record.reasons = {Reason::HostFaster};
  EXPECT_EQ(explain_line(record),
            R"({"routine":"dgemm","m":100,"n":100,"k":100,"flags":"NT","lda":100,"ldb":100,)"
            R"("ldc":100,"place":"host","chosen":"host","reasons":["host-faster"],)"
            R"("predicted_ns":{"host":900.5,"cpu":2000},"measured_ns":1000,"operations":2e+06,)"
            R"("gflops":2000})");
}

TEST(Explain, DeviceCallTellsWhatMoved) {
  CallRecord record;
  record.call.routine = Routine::Trsm;
  record.call.type = Type::Z;
  record.call.side = Side::Right;
  record.call.uplo = Uplo::Lower;
  record.call.trans_a = Op::ConjTrans;
  record.call.diag = Diag::Unit;
  record.call.m = 4;
  record.call.n = 2;
  record.place = Place::Devices;
  record.tile = 2;
  record.traffic.home_to_device_bytes = 64;
  record.traffic.level2_hits = 3;
  record.lower_bound_bytes = 32;
  record.links = {{"home", "host:0", 64}};
  EXPECT_EQ(explain_line(record),
            R"({"routine":"ztrsm","m":4,"n":2,"flags":"RLCU","lda":1,"ldc":1,"place":"devices",)"
            R"("tile":2,"reasons":[],"predicted_ns":{},"measured_ns":0,"operations":64,)"
            R"("bytes":{"to_device":64,"device_to_device":0,"to_host":0,"least":32},)"
            R"("tiles":{"level1_hits":0,"level2_hits":3,"misses":0},)"
            R"("links":[{"from":"home","to":"host:0","bytes":64}]})");
}

TEST(Explain, FlagsInBlasOrder) {
  BlasCall call;
  const auto flags = [&](Routine routine) {
    call.routine = routine;
    return flag_letters(call);
  };
  EXPECT_EQ(flags(Routine::Gemm), "NN");
  EXPECT_EQ(flags(Routine::Gemmt), "UNN");
  EXPECT_EQ(flags(Routine::Hemm), "LU");
  EXPECT_EQ(flags(Routine::Her2k), "UN");
  EXPECT_EQ(flags(Routine::Trmm), "LUNN");
}

}  // namespace
}  // namespace blasx::trace
