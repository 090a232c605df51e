// SPDX-License-Identifier: Apache-2.0
#include "blasx/device/host/host_device.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <vector>

#include "blasx/device/clock.hpp"

namespace blasx::device {
namespace {

constexpr int64_t kEdge = 8;

class HostDeviceTest : public testing::Test {
 protected:
  void open(HostDeviceOptions options = {}) {
    options.memory_bytes = 1 << 20;
    device_ = std::make_unique<HostDevice>(options);
    ASSERT_TRUE(device_->open_arena(1 << 16));
    device_->begin_call(&reports_, DeviceId{0}, 2);
  }
  Copy square(std::byte* from, std::byte* to, int64_t op) {
    Copy c;
    c.op = OpId{op};
    c.from = {from, kEdge};
    c.to = {to, kEdge};
    c.rows = c.cols = kEdge;
    return c;
  }
  static std::byte* bytes(std::vector<double>& v) { return reinterpret_cast<std::byte*>(v.data()); }
  Completion one_report() {
    std::vector<Completion> out;
    reports_.wait(out);
    EXPECT_EQ(out.size(), 1u);
    return out.front();
  }
  // The source times itself, into the arena's byte 4096.
  void multiply() {
    BlasCall call;
    call.m = call.n = call.k = kEdge;
    call.a = call.b = source_.data();
    call.c = target_.data();
    call.lda = call.ldb = call.ldc = kEdge;
    const tile::TaskGraph graph(call, {kEdge, kEdge, kEdge});
    device_->fetch(square(bytes(source_), device_->arena(), 1));
    ASSERT_TRUE(one_report().ok);
    Kernels k;
    k.op = OpId{2};
    k.graph = &graph;
    k.task = tile::TaskId{0};
    k.a = k.b = {device_->arena(), kEdge};
    k.c = {device_->arena() + 4096, kEdge};
    device_->compute(k);
    ASSERT_TRUE(one_report().ok);
  }

  CompletionQueue reports_;
  std::unique_ptr<HostDevice> device_;
  std::vector<double> source_ = std::vector<double>(kEdge * kEdge, 2.5);
  std::vector<double> target_ = std::vector<double>(kEdge * kEdge, 0);
};

TEST_F(HostDeviceTest, ATileGoesInAndComesBack) {
  open();
  device_->fetch(square(bytes(source_), device_->arena(), 1));
  EXPECT_TRUE(one_report().ok);
  device_->store(square(device_->arena(), bytes(target_), 2));
  const Completion done = one_report();
  EXPECT_TRUE(done.ok);
  EXPECT_EQ(done.op, OpId{2});
  EXPECT_GE(done.end_ns, done.start_ns);
  EXPECT_EQ(target_, source_);
}

TEST_F(HostDeviceTest, RunsKernelsOnItsBlocks) {
  open();
  multiply();
  const auto* c = reinterpret_cast<const double*>(device_->arena() + 4096);
  for (int i = 0; i < kEdge * kEdge; ++i) EXPECT_EQ(c[i], 2.5 * 2.5 * kEdge);
  EXPECT_EQ(target_[0], 0) << "home memory is written by stores only";
}

TEST_F(HostDeviceTest, AKernelRateIsKept) {
  open({.operations_per_s = 102400});  // 2 x 8 x 8 x 8 of them: 10 ms
  const int64_t start = now_ns();
  multiply();
  EXPECT_GE(now_ns() - start, 10'000'000);
}

TEST_F(HostDeviceTest, FailsTheOperationItIsTold) {
  open({.fail = {.at = 1, .device_lost = false}});
  device_->fetch(square(bytes(source_), device_->arena(), 1));
  EXPECT_TRUE(one_report().ok);
  device_->store(square(device_->arena(), bytes(target_), 2));
  const Completion failed = one_report();
  EXPECT_FALSE(failed.ok);
  EXPECT_EQ(failed.lost, DeviceId::Home);
  EXPECT_EQ(target_[0], 0) << "a failed store leaves home memory alone";
  device_->store(square(device_->arena(), bytes(target_), 3));
  EXPECT_TRUE(one_report().ok);
}

TEST_F(HostDeviceTest, ALostDeviceAnswersEverything) {
  open({.fail = {.at = 0}});
  for (int64_t op = 0; op < 3; ++op) {
    device_->fetch(square(bytes(source_), device_->arena(), op));
    const Completion report = one_report();
    EXPECT_FALSE(report.ok);
    EXPECT_EQ(report.op, OpId{op});
    EXPECT_EQ(report.lost, DeviceId{0});
  }
  EXPECT_TRUE(std::isnan(*reinterpret_cast<double*>(device_->arena())))
      << "what a failed fetch leaves must not look like data";
}

TEST_F(HostDeviceTest, ALostPeerIsNamed) {
  open();
  HostDevice peer({.name = "host:1", .memory_bytes = 1 << 16, .fail = {.at = 0}});
  ASSERT_TRUE(peer.open_arena(1 << 16));
  CompletionQueue peers_reports;
  peer.begin_call(&peers_reports, DeviceId{1}, 1);
  Copy from_peer = square(peer.arena(), device_->arena(), 7);
  from_peer.peer = &peer;
  from_peer.source = DeviceId{1};
  device_->fetch(from_peer);
  EXPECT_TRUE(one_report().ok);
  peer.fetch(square(bytes(source_), peer.arena(), 1));  // now it is lost
  std::vector<Completion> out;
  peers_reports.wait(out);
  device_->fetch(from_peer);
  const Completion report = one_report();
  EXPECT_FALSE(report.ok);
  EXPECT_EQ(report.lost, DeviceId{1});
}

TEST_F(HostDeviceTest, ALinkRateIsKept) {
  open({.link_bytes_per_s = 51200});  // 512 bytes: 10 ms
  const int64_t start = now_ns();
  device_->fetch(square(bytes(source_), device_->arena(), 1));
  EXPECT_TRUE(one_report().ok);
  EXPECT_GE(now_ns() - start,
            10'000'000);  // a floor, not a timing: a loaded machine is only slower
}

TEST(HostDeviceArena, IsTakenOnceAndRefusalIsAValue) {
  HostDevice device({.memory_bytes = int64_t{1} << 62});
  const auto refused = device.open_arena(int64_t{1} << 62);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), StatusCode::OutOfMemory);
  const auto got = device.open_arena(1 << 16);
  ASSERT_TRUE(got);
  EXPECT_EQ(*device.open_arena(1 << 20), *got);
}

}  // namespace
}  // namespace blasx::device
