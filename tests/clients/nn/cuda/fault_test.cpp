// SPDX-License-Identifier: Apache-2.0
// What goes wrong with a GPU, on the stand-in: each call can fail, and the user is told once, in a line that says where.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "clients/nn/error.hpp"
#include "clients/nn/layers/cuda/layer_set.hpp"
#include "tests/clients/nn/networks.hpp"
#include "tests/support/stand_in.hpp"

namespace nn::test {
namespace {

using testing::HasSubstr;

class Faults : public testing::Test {
 protected:
  ~Faults() override { machine.reset(""); }

  // The Error's text; empty if there was none.
  template <class Work>
  static std::string error_of(const Work& work) {
    try {
      work();
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }
  std::string opening(const char* words, int device, bool wraps = false) {
    machine.reset(words);
    return error_of([&] { const cuda::CudaLayers set({device, wraps, ""}); });
  }
  blasx::support::StandIn machine;
  static double step(const std::string& net) {
    Trial<float> run(named(net), cuda::CudaLayers({}));
    return run.train();
  }
};

TEST_F(Faults, ThereIsNoSuchGpu) {
  EXPECT_THAT(opening("devices=0", 0), HasSubstr("device cuda:0: there is no GPU"));
  EXPECT_THAT(opening("devices=0", 1, true), HasSubstr("there is no GPU"));
  EXPECT_THAT(opening("devices=2", 2), HasSubstr("GPUs here are numbered 0 to 1"));
  EXPECT_THAT(opening("driver=old", 0), HasSubstr("no driver is loaded"));
  EXPECT_EQ(opening("devices=2", 1), "");
  EXPECT_EQ(opening("devices=2", 5, true), "");
}

TEST_F(Faults, MemoryIsShort) {
  machine.reset("memory=64K");
  EXPECT_THAT(error_of([] { step("lenet"); }), HasSubstr("bytes of memory"));
  EXPECT_EQ(machine.memory_in_use(), 0);
}

TEST_F(Faults, ALayerIsNamed) {
  machine.reset("fail=cudnnConvolutionForward:2:refuse");
  EXPECT_EQ(error_of([] { step("lenet"); }),
            "layer conv2: cudnnConvolutionForward: CUDNN_STATUS_EXECUTION_FAILED");
}

// Of all calls of a training step every so many, refused or failing later: an error, nothing left, no second one.
TEST_F(Faults, AnyCallMayFail) {
  machine.reset("");
  step("dropout");
  const int64_t calls = machine.calls(nullptr);
  ASSERT_GT(calls, 50);
  int refused = 0;
  for (const char* kind : {"refuse", "late", "lost"}) {
    for (int64_t call = 1; call <= calls; call += 3) {
      machine.reset("fail=any:" + std::to_string(call) + ":" + kind);
      const std::string error = error_of([] { step("dropout"); });
      SCOPED_TRACE(kind + std::to_string(call) + error);
      // Memory of a lost device is nobody's any more, and what is refused at the end is not heard.
      if (std::string(kind) == "refuse" && error.find("MemoryAllocation") != std::string::npos) {
        EXPECT_EQ(machine.memory_in_use(), 0);
        ++refused;
      }
    }
  }
  EXPECT_GT(refused, 5);
}

// Copies onto themselves, with and without room for a piece between.
TEST_F(Faults, CopiesMayLieOverThemselves) {
  machine.reset("memory=64M");
  cuda::CudaDevice device(0);
  constexpr int64_t kInts = int64_t{5} << 20;
  const Memory memory = device.take(kInts * 4);
  auto* ints = reinterpret_cast<int32_t*>(memory.get());
  std::vector<int32_t> numbers(kInts), got(kInts);
  for (const int64_t apart : {int64_t{16}, int64_t{3} << 20}) {
    for (const bool down : {true, false}) {
      for (size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<int32_t>(i);
      device.upload(ints, numbers.data(), kInts * 4);
      const int64_t count = kInts - apart, to = down ? 0 : apart, from = down ? apart : 0;
      device.copy(ints + to, ints + from, count * 4);
      device.download(got.data(), ints, kInts * 4);
      std::memmove(numbers.data() + to, numbers.data() + from, static_cast<size_t>(count) * 4);
      EXPECT_EQ(got, numbers) << apart << down;
    }
  }
}

TEST_F(Faults, CombinesAsTheProcessor) {
  machine.reset("");
  cuda::CudaDevice device(0);
  const auto host = host_device();
  std::vector<float> x, y, got(1000);
  for (int i = 0; i < 1000; ++i) {
    x.push_back(static_cast<float>(normal(1, static_cast<uint64_t>(i))));
    y.push_back(static_cast<float>(normal(2, static_cast<uint64_t>(i))));
  }
  const Memory ours = device.take(4000), others = device.take(4000);
  auto* on_gpu = reinterpret_cast<float*>(ours.get());
  device.upload(on_gpu, x.data(), 4000);
  device.upload(others.get(), y.data(), 4000);
  for (const auto& [a, b] : {std::pair{0.5F, -2.0F}, {1.0F, 0.25F}, {0.1F, 0.0F}}) {
    device.combine(a, on_gpu, b, reinterpret_cast<float*>(others.get()), 1000);
    host->combine(a, x.data(), b, y.data(), 1000);
    device.download(got.data(), on_gpu, 4000);
    for (size_t i = 0; i < got.size(); ++i) EXPECT_FLOAT_EQ(got[i], x[i]);
  }
}

}  // namespace
}  // namespace nn::test
