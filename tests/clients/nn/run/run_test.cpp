// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "clients/nn/error.hpp"
#include "clients/nn/graph/zoo.hpp"
#include "clients/nn/run/checkpoint.hpp"
#include "clients/nn/run/sgd.hpp"

namespace nn {
namespace {

struct Quadratic : testing::Test {
  Quadratic()
      : network(graph::make("mlp:3", {1, 1, 1, 2}, 2)),
        device(host_device()),
        parameters(network, sizeof(float), *device) {}
  // One step for gradient g of every number that is w.
  void step(Sgd& sgd, float w, float g, double rate) {
    std::fill_n(parameters.values(), parameters.trained_elems(), w);
    std::fill_n(parameters.gradients(), parameters.trained_elems(), g);
    sgd.step({0, parameters.trained_elems()}, rate);
  }
  float value(const std::string& ending) {
    for (const Parameter& parameter : parameters.all())
      if (parameter.spec.name.ends_with(ending)) return parameters.values()[parameter.offset_elems];
    return NAN;
  }
  graph::Network network;
  std::shared_ptr<Device> device;
  Parameters parameters;
};

TEST_F(Quadratic, MomentumAndDecay) {
  Sgd sgd(parameters, {.momentum = 0.5, .weight_decay = 0.1, .nesterov = false});
  step(sgd, 2, 1, 0.1);  // velocity 1.2 for weights, 1 for biases
  EXPECT_FLOAT_EQ(value(".weight"), 2 - 0.12F);
  EXPECT_FLOAT_EQ(value(".bias"), 2 - 0.1F);
  step(sgd, 2, 1, 0.1);  // 0.6 + 1.2
  EXPECT_FLOAT_EQ(value(".weight"), 2 - 0.18F);
}

TEST_F(Quadratic, NesterovLooksAhead) {
  Sgd sgd(parameters, {.momentum = 0.5, .weight_decay = 0, .nesterov = true});
  step(sgd, 2, 1, 0.1);
  EXPECT_FLOAT_EQ(value(".weight"), 2 - 0.15F);
  step(sgd, 2, 1, 0.1);  // velocity 1.5: 1 + 0.75
  EXPECT_FLOAT_EQ(value(".weight"), 2 - 0.175F);
}

TEST_F(Quadratic, RangesStepTheirLayersOnly) {
  Sgd sgd(parameters, {.momentum = 0, .weight_decay = 0, .nesterov = false});
  const Range last = parameters.of_layer(static_cast<int>(network.layers.size()) - 2);
  std::fill_n(parameters.values(), parameters.trained_elems(), 1.0F);
  std::fill_n(parameters.gradients(), parameters.trained_elems(), 1.0F);
  sgd.step(last, 1);
  EXPECT_EQ(parameters.values()[0], 1);
  EXPECT_EQ(parameters.values()[last.begin], 0);
}

TEST_F(Quadratic, InitialValuesAreTheSeeds) {
  parameters.initialise(3);
  const float first = parameters.values()[0];
  parameters.initialise(4);
  EXPECT_NE(parameters.values()[0], first);
  parameters.initialise(3);
  EXPECT_EQ(parameters.values()[0], first);
}

TEST(Schedules, Factors) {
  EXPECT_EQ(Schedule("constant").factor(7, 10), 1);
  EXPECT_DOUBLE_EQ(Schedule("step:3:0.5").factor(2.9, 10), 1);
  EXPECT_DOUBLE_EQ(Schedule("step:3:0.5").factor(6, 10), 0.25);
  EXPECT_DOUBLE_EQ(Schedule("poly:2").factor(5, 10), 0.25);
  EXPECT_DOUBLE_EQ(Schedule("cosine").factor(0, 10), 1);
  EXPECT_NEAR(Schedule("cosine").factor(5, 10), 0.5, 1e-12);
  EXPECT_NEAR(Schedule("cosine").factor(10, 10), 0, 1e-12);
  for (const char* wrong :
       {"", "steps", "step", "step:3", "step:0:1", "step:3:x", "poly", "poly:", "cosine:1"})
    EXPECT_THROW(Schedule{wrong}, Error) << wrong;
}

TEST(Checkpoints, WholeOrRefused) {
  const std::filesystem::path file = std::filesystem::path(testing::TempDir()) / "checkpoint_test";
  const Sections sections{
      {"a", std::string("\0x\n", 3)}, {"numbers", std::string(1000, 'q')}, {"none", ""}};
  write_checkpoint(file, sections);
  EXPECT_EQ(read_checkpoint(file), sections);
  std::ifstream in(file, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  const auto rewritten = [&](const std::string& changed) {
    std::ofstream(file, std::ios::binary) << changed;
    return file;
  };
  for (const size_t length : {size_t{5}, size_t{30}, bytes.size() / 2, bytes.size() - 1})
    EXPECT_THROW(read_checkpoint(rewritten(bytes.substr(0, length))), Error) << length;
  std::string flipped = bytes;
  flipped[bytes.size() / 2] ^= 1;
  EXPECT_THROW(read_checkpoint(rewritten(flipped)), Error);
  EXPECT_THROW(read_checkpoint(rewritten(bytes + "x")), Error);
  EXPECT_THROW(write_checkpoint("/no/such/folder/file", sections), Error);
  double number = 0;
  EXPECT_THROW(unpack(sections, "a", &number, sizeof number), Error);
  EXPECT_THROW(unpack(sections, "b", &number, sizeof number), Error);
}

}  // namespace
}  // namespace nn
