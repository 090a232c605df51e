// SPDX-License-Identifier: Apache-2.0
// The processor as a Device. A GPU: tests/clients/nn/cuda.
#include "clients/nn/device/device.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "clients/nn/device/mover.hpp"

namespace nn {
namespace {

TEST(Movers, CopyInOrder) {
  std::vector<char> a(1 << 20, 1);
  std::vector<char> b(1 << 20, 2);
  std::vector<char> c(1 << 20, 3);
  Mover mover;
  mover.wait(0);
  for (int i = 0; i < 50; ++i) {
    a[0] = static_cast<char>(i);
    mover.copy(b.data(), a.data(), 1 << 20);
    const int64_t last = mover.copy(c.data(), b.data(), 1 << 20);
    mover.wait(last);
    ASSERT_EQ(c[0], static_cast<char>(i));
  }
  EXPECT_EQ(c, a);
}

// Device::descend, of three sums, is what the processor does in one pass.
TEST(Devices, DescendEitherWay) {
  struct InSums : Device {
    bool on_host() const override { return true; }
    Memory take(int64_t) override { return {}; }
    Memory take_host(int64_t) override { return {}; }
    void upload(void*, const void*, int64_t) override {}
    void download(void*, const void*, int64_t) override {}
    void copy(void*, const void*, int64_t) override {}
    int64_t copy_out(void*, const void*, int64_t) override { return 0; }
    int64_t copy_in(void*, const void*, int64_t) override { return 0; }
    void await(int64_t) override {}
    void combine(float a, float* x, float b, const float* y, int64_t elems) override {
      host_device()->combine(a, x, b, y, elems);
    }
    void finish() override {}
    void quiesce() noexcept override {}
  } in_sums;
  for (const bool nesterov : {false, true}) {
    const Descent by{.rate = 0.25F, .momentum = 0.5F, .decay = 0.125F, .nesterov = nesterov};
    std::vector<float> w{1, -2, 3}, v{4, 5, -6}, g{0.5, 8, -1};
    std::vector<float> w2 = w, v2 = v, g2 = g;
    host_device()->descend(by, w.data(), v.data(), g.data(), 3);
    in_sums.descend(by, w2.data(), v2.data(), g2.data(), 3);
    EXPECT_EQ(w, w2);
    EXPECT_EQ(v, v2);
  }
}

TEST(Devices, WhatIsMultipliedByNothingIsNotRead) {
  std::vector<float> x{1, 2};
  host_device()->combine(3, x.data(), 0, nullptr, 2);
  EXPECT_EQ(x, (std::vector<float>{3, 6}));
}

}  // namespace
}  // namespace nn
